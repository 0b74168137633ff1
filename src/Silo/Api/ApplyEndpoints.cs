using Mesh.Abstractions.Access;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Documents;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Writes;

namespace Mesh.Silo.Api;

/// <summary>Many services at once, as JSON or YAML documents.</summary>
internal static class ApplyEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/v1/apply", Apply)
        .Needs(ApiRole.Editor, ApiScope.Somewhere)
        .Describe("Create or replace many services; nothing is done when any document is wrong", QueryNames.DryRun)
        .Accepts<ApplyFile>("application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
        .Produces<ApplyReport>();

    private static async Task<IResult> Apply(HttpContext context, Applier applier)
    {
        Preconditions.RefuseAny(context.Request);
        var reader = new ApplyReader();
        reader.Read(await ReadDocuments(context));
        if (!reader.Errors.IsEmpty)
        {
            throw ApiException.Invalid(reader.Errors.Items);
        }

        foreach (var item in reader.Items)
        {
            context.Principal().RequireWrite(item.Item.Service);
        }

        var report = await applier.Apply(context, reader.Items);
        return report.Items.Any(static item => item.Outcome == ApplyOutcome.Failed)
            ? throw ApiException.HalfApplied(JsonSerializer.SerializeToNode(report.Items, MeshJson.Options)!)
            : TypedResults.Bytes(MeshJson.Encode(report), "application/json; charset=utf-8");
    }

    private static async Task<IReadOnlyList<JsonElement>> ReadDocuments(HttpContext context)
    {
        var type = RequestBody.RequireType(
            context.Request,
            static type => RequestBody.IsJson(type) || RequestBody.IsYaml(type),
            "application/json or application/yaml");
        var body = await RequestBody.ReadBytes(context, ApiLimits.ApplyBody);
        if (!RequestBody.IsYaml(type))
        {
            return [RequestBody.ParseJson(body)];
        }

        return YamlReader.TryParse(body, out var documents, out var error) ? documents : throw ApiException.Syntax("YAML", error);
    }
}
