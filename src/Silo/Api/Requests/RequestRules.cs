using System.Globalization;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;
using Mesh.Grains.Audit;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Requests;

/// <summary>Refuses a malformed path or query before a handler, let alone a grain, sees it.</summary>
internal sealed class RequestRules : IEndpointFilter
{
    private const int MaxLimit = 1000;

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        CheckPath(request.RouteValues);
        CheckQuery(request.Query, context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>()?.Names ?? []);
        return next(context);
    }

    private static void CheckPath(RouteValueDictionary values)
    {
        foreach (var (name, value) in values)
        {
            var text = value?.ToString() ?? "";
            var rule = name switch
            {
                PathNames.Namespace or PathNames.Service or PathNames.Rule => DnsLabel.IsValid(text) ? null : DnsLabel.Rule,
                PathNames.Endpoint => EndpointId.IsValid(text) ? null : EndpointId.Rule,
                PathNames.Revision => PathNames.TryReadRevision(text, out _) ? null : "a whole number from 1",
                _ => null,
            };
            if (rule is not null)
            {
                throw ApiException.BadRequest($"The {name} in the path must be {rule}.");
            }
        }
    }

    private static void CheckQuery(IQueryCollection query, IReadOnlyList<string> allowed)
    {
        foreach (var (name, values) in query)
        {
            if (!allowed.Contains(name, StringComparer.Ordinal))
            {
                throw ApiException.BadRequest(allowed.Count == 0
                    ? "This path takes no query parameters."
                    : $"There is a query parameter this path does not take; it takes {string.Join(", ", allowed)}.");
            }

            var problem = values.Count != 1 ? "must be given once" : name switch
            {
                QueryNames.DryRun or QueryNames.Watch or QueryNames.Refused => values[0] is "true" or "false" ? null : "must be true or false",
                QueryNames.Namespace => DnsLabel.IsValid(values[0]) ? null : $"must be {DnsLabel.Rule}",
                QueryNames.Limit => IsLimit(values[0]) ? null : $"must be 1 to {MaxLimit}",
                QueryNames.Before => AuditId.IsValid(values[0]) ? null : "must be the id of an entry, or a page's \"next\"",
                QueryNames.Format => values[0] is "json" or "yaml" ? null : "must be json or yaml",
                _ => null,
            };
            if (problem is not null)
            {
                throw ApiException.BadRequest($"The query parameter {name} {problem}.");
            }
        }
    }

    private static bool IsLimit(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit;
}
