using System.Text.RegularExpressions;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mesh.Silo.Api.OpenApi;

/// <summary>Adds what handlers read from the request by themselves: path, query, conditional headers, and all errors.</summary>
internal sealed partial class OperationDescription : IOpenApiOperationTransformer
{
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        var path = context.Description.RelativePath ?? "";
        foreach (Match name in PathParameter().Matches(path))
        {
            Add(operation, ParameterLocation.Path, name.Groups[1].Value, "", JsonSchemaType.String);
        }

        foreach (var name in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameters>().SelectMany(static query => query.Names))
        {
            Add(operation, ParameterLocation.Query, name, DescribeQuery(name), TypeOfQuery(name));
        }

        var isRead = HttpMethods.IsGet(context.Description.HttpMethod ?? "");
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<TakesPreconditions>().Any())
        {
            Add(operation, ParameterLocation.Header, "If-Match", "Write only if the entity tag is one of these, or * if the resource exists; else 412.", JsonSchemaType.String);
            Add(operation, ParameterLocation.Header, "If-None-Match", "* to write only if the resource does not exist; else 412.", JsonSchemaType.String);
        }

        operation.Security = SecurityDescription.Of(metadata.OfType<ApiNeed>().LastOrDefault(), isRead, context.Document);
        var problem = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellationToken);
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = isRead ? "What is wrong." : "What is wrong. Nothing was changed, unless the status is 503: then it may have been.",
            Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = problem } },
        };
    }

    private static void Add(OpenApiOperation operation, ParameterLocation location, string name, string description, JsonSchemaType type) =>
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = name,
            In = location,
            Required = location == ParameterLocation.Path,
            Description = description.Length == 0 ? null : description,
            Schema = new OpenApiSchema { Type = type },
        });

    private static JsonSchemaType TypeOfQuery(string name) => name switch
    {
        QueryNames.DryRun or QueryNames.Watch or QueryNames.Refused => JsonSchemaType.Boolean,
        QueryNames.Limit => JsonSchemaType.Integer,
        _ => JsonSchemaType.String,
    };

    private static string DescribeQuery(string name) => name switch
    {
        QueryNames.DryRun => "Answer as if it had been done, and do nothing.",
        QueryNames.Watch => "Answer with a stream of server-sent events instead.",
        QueryNames.Namespace => "Only what is of this namespace.",
        QueryNames.Format => "json or yaml; the Accept header decides when it is absent.",
        QueryNames.Limit => "How many entries a page has at most: 1 to 1000, 100 when absent.",
        QueryNames.Before => "Only entries older than this one: the next of the page before.",
        QueryNames.Refused => "What was refused and changed nothing, instead.",
        _ => "",
    };

    [GeneratedRegex(@"\{([^}]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex PathParameter();
}
