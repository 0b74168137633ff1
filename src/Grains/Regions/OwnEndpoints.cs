using Mesh.Abstractions.Endpoints;
using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// What a region does to its own endpoints when it hears from a peer. Nobody else may write them, so these are not part
/// of the join but writes that follow from it.
/// </summary>
internal static class OwnEndpoints
{
    public static ServiceRecord Settle(ServiceRecord local, ServiceRecord peer, ServiceRecord joined, string region, DateTimeOffset now)
    {
        var settled = Recall(local, peer, joined, region, now);
        return settled.Spec is null && local.Spec is not null && settled.EndpointsOf(region).Count > 0
            ? Rewrite(settled, [], settled.Sections[region].Since, region, now)
            : settled;
    }

    /// <summary>
    /// A region that lost its store and registered endpoints before it heard from its peers has begun a line younger than
    /// the one they remember. Those of the old line that it lacks come back; instances that are gone end by their leases.
    /// </summary>
    private static ServiceRecord Recall(ServiceRecord local, ServiceRecord peer, ServiceRecord joined, string region, DateTimeOffset now)
    {
        if (local.Sections.GetValueOrDefault(region) is not { } own
            || peer.Sections.GetValueOrDefault(region) is not { } remembered
            || remembered.Since >= own.Since)
        {
            return joined;
        }

        var known = local.EndpointsOf(region).Select(static endpoint => endpoint.Id).ToHashSet(StringComparer.Ordinal);
        var endpoints = local.EndpointsOf(region)
            .Concat(peer.EndpointsOf(region).Where(endpoint => !known.Contains(endpoint.Id)))
            .OrderBy(static endpoint => endpoint.Id, StringComparer.Ordinal)
            .ToList();
        return Rewrite(joined, endpoints, remembered.Since, region, now);
    }

    private static ServiceRecord Rewrite(
        ServiceRecord record, IReadOnlyList<Endpoint> endpoints, HybridTime since, string region, DateTimeOffset now)
    {
        var tick = HybridClock.Tick(record.Clock, now);
        var sections = LocalWrite.WithSection(record.Sections, region, tick);
        return record with
        {
            Clock = tick,
            Endpoints = record.WithEndpoints(region, endpoints),
            Sections = new SortedDictionary<string, EndpointSection>(new Dictionary<string, EndpointSection>(sections), StringComparer.Ordinal)
            {
                [region] = sections[region] with { Since = since },
            },
        };
    }
}
