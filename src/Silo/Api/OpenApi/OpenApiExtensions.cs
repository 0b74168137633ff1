using Mesh.Abstractions.Json;
using Mesh.Silo.Api.Access;
using Microsoft.AspNetCore.Http.Json;
using Scalar.AspNetCore;

namespace Mesh.Silo.Api.OpenApi;

internal static class OpenApiExtensions
{
    /// <summary>The page may load nothing from elsewhere; its bundle needs inline styles and scripts.</summary>
    private const string DocsPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static IServiceCollection AddMeshOpenApi(this IServiceCollection services)
    {
        // The generator takes the schemas from these options, so they must write what MeshJson writes.
        services.Configure<JsonOptions>(static options =>
        {
            var mesh = MeshJson.Options;
            var http = options.SerializerOptions;
            http.PropertyNameCaseInsensitive = mesh.PropertyNameCaseInsensitive;
            http.NumberHandling = mesh.NumberHandling;
            http.DefaultIgnoreCondition = mesh.DefaultIgnoreCondition;
            http.RespectNullableAnnotations = mesh.RespectNullableAnnotations;
            http.RespectRequiredConstructorParameters = mesh.RespectRequiredConstructorParameters;
            foreach (var converter in mesh.Converters)
            {
                http.Converters.Add(converter);
            }
        });
        return services.AddOpenApi("v1", static options =>
        {
            options.AddDocumentTransformer<DocumentDescription>();
            options.AddOperationTransformer<OperationDescription>();
            options.AddSchemaTransformer<SchemaDescription>();
        });
    }

    public static void MapMeshDocs(this WebApplication app)
    {
        app.MapOpenApi().IsOpen();
        app.MapGet("/", static () => Results.Redirect("/docs/")).IsOpen().ExcludeFromDescription();
        app.MapScalarApiReference("/docs", static options =>
            {
                options.Title = "Mesh management API";
                options.DefaultFonts = false;
                options.Telemetry = false;
                options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
                options.DisableAgent();
                options.DisableMcp();
            })
            .AddEndpointFilter(static (context, next) =>
            {
                context.HttpContext.Response.Headers.ContentSecurityPolicy = DocsPolicy;
                return next(context);
            })
            .IsOpen()
            .ExcludeFromDescription();
    }
}
