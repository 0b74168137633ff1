using Mesh.Abstractions.Access;
using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Validation;
using Mesh.Grains;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Documents;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Microsoft.Net.Http.Headers;

namespace Mesh.Silo.Api;

/// <summary>
/// All services in the form that apply takes, read from the store and sent as they come: memory does not grow with
/// their number. An error on the way cuts the connection, so that a part is never taken for the whole.
/// </summary>
internal static class ExportEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/v1/export", Export)
        .Needs(ApiRole.Viewer, ApiScope.Somewhere)
        .Describe("Write all services in the form that /v1/apply takes, without the endpoints of sidecars", QueryNames.Format)
        .Produces<ApplyFile>(StatusCodes.Status200OK, "application/json", "application/yaml");

    private static async Task<IResult> Export(HttpContext context, IServiceStore store, MeshRegion region)
    {
        var services = store.ReadAll(context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        await using (services)
        {
            // Before the answer starts: a store that is away gives a 503.
            var hasNext = await services.MoveNextAsync();
            var isYaml = WantsYaml(context.Request);
            context.Response.ContentType = isYaml ? "application/yaml; charset=utf-8" : "application/json; charset=utf-8";
            var separator = isYaml ? "" : "{\"services\":[\n";
            for (; hasNext; hasNext = await services.MoveNextAsync())
            {
                // Gateways register themselves, and apply takes nothing in their place.
                if (RecordUpgrade.Apply(services.Current, region.Name) is { Spec: not null } record && record.Service != ReservedNames.Gateways
                    && context.Principal().May(ApiRole.Viewer, record.Service.Namespace))
                {
                    await Write(context, separator);
                    await Write(context, Format(ToItem(record, region), isYaml));
                    separator = isYaml ? "" : ",\n";
                }
            }

            await Write(context, isYaml ? "" : separator == ",\n" ? "\n]}\n" : separator + "]}\n");
        }

        return Results.Empty;
    }

    private static ApplyItem ToItem(ServiceRecord record, MeshRegion region) => new()
    {
        Namespace = record.Service.Namespace,
        Name = record.Service.Name,
        Spec = record.Spec!,
        Endpoints = record.EndpointsOf(region.Name)
            .Where(static endpoint => endpoint.Source == EndpointSource.Api)
            .ToDictionary(static endpoint => endpoint.Id, static endpoint => endpoint.ToSpec()),
    };

    private static string Format(ApplyItem item, bool isYaml) => isYaml
        ? YamlWriter.Write(JsonSerializer.SerializeToElement(item, MeshJson.Options))
        : JsonSerializer.Serialize(item, MeshJson.Options);

    private static Task Write(HttpContext context, string text) =>
        context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted).AsTask();

    private static bool WantsYaml(HttpRequest request)
    {
        if (request.Query[QueryNames.Format] is [{ } format])
        {
            return format == "yaml";
        }

        return MediaTypeHeaderValue.TryParseList(request.Headers.Accept.OfType<string>().ToArray(), out var types)
            && types.Any(RequestBody.IsYaml)
            && !types.Any(RequestBody.IsJson);
    }
}
