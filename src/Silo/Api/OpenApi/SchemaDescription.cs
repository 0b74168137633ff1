using System.Text.Json.Nodes;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mesh.Silo.Api.OpenApi;

/// <summary>The types that are written as strings.</summary>
internal sealed class SchemaDescription : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var (description, example, pattern) = (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var known when known == typeof(TimeSpan) => ($"{char.ToUpperInvariant(GatewayDuration.Rule[0])}{GatewayDuration.Rule[1..]}.", "1m30s", "^([0-9]{1,5}(h|m|s|ms)){1,4}$"),
            var known when known == typeof(ServiceName) => ("A service, written namespace/name.", "shop/web", (string?)null),
            _ => ("", "", null),
        };
        if (example.Length > 0)
        {
            schema.Type = Nullable.GetUnderlyingType(type) is null ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Description = description;
            schema.Examples = [JsonValue.Create(example)];
            schema.Pattern = pattern;
        }
        else if (schema.Properties is { Count: > 0 })
        {
            schema.AdditionalPropertiesAllowed = false;
        }

        return Task.CompletedTask;
    }
}
