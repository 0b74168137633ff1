using Mesh.Abstractions.Access;
using System.Globalization;
using Mesh.Abstractions.Audit;
using Mesh.Grains.Audit;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api;

/// <summary>Who changed what, for those who want to know. The log is the region's, of all its silos.</summary>
internal static class AuditEndpoints
{
    private const int DefaultLimit = 100;
    private const int PageSize = 500;

    /// <summary>Entries that one request looks through for those of a namespace.</summary>
    private const int MaxScanned = 10_000;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/v1/audit", List)
        .Needs(ApiRole.Admin, ApiScope.Everywhere)
        .Describe(
            "List what was changed through this API and by whom, newest first; or with refused=true, what was refused",
            QueryNames.Namespace,
            QueryNames.Limit,
            QueryNames.Before,
            QueryNames.Refused)
        .Produces<AuditPage>();

    private static async Task<IResult> List(HttpContext context, IAuditStore store)
    {
        var query = context.Request.Query;
        var ofNamespace = (string?)query[QueryNames.Namespace];
        var limit = query[QueryNames.Limit] is [{ } text] ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultLimit;
        var list = query[QueryNames.Refused] == "true" ? AuditList.Refused : AuditList.Accepted;
        var page = await Read(store, list, ofNamespace, query[QueryNames.Before], limit);
        return new RepresentationResult(Representation.OfContent(page));
    }

    private static async Task<AuditPage> Read(IAuditStore store, AuditList list, string? ofNamespace, string? before, int limit)
    {
        var found = new List<AuditEntry>();
        for (var scanned = 0; scanned < MaxScanned; scanned += PageSize)
        {
            // One more than is asked for, to know whether there is a next page.
            var count = ofNamespace is null ? limit + 1 : PageSize;
            var entries = await store.Read(list, before, count);
            foreach (var entry in entries)
            {
                if (ofNamespace is not null && !entry.Concerns(ofNamespace))
                {
                    before = entry.Id;
                    continue;
                }

                if (found.Count == limit)
                {
                    return new AuditPage { Items = found, Next = before };
                }

                found.Add(entry);
                before = entry.Id;
            }

            if (entries.Count < count)
            {
                return new AuditPage { Items = found };
            }
        }

        return new AuditPage { Items = found, Next = before };
    }
}
