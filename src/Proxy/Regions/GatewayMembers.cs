using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Regions;

/// <summary>
/// Puts gateways in the place of the endpoints of regions that are reached through them: one member per gateway and per
/// set of labels that endpoints there have, so that subsets, estimates, ejection and retries work on gateways as on
/// endpoints.
/// </summary>
internal static class GatewayMembers
{
    private const int MostWeight = 1_000_000;

    /// <param name="protocol">What the service speaks where an endpoint does not say.</param>
    public static IReadOnlyList<PoolMember> Of(IReadOnlyList<Endpoint> endpoints, RegionMap regions, ProxyPlace place, ServiceProtocol protocol)
    {
        var members = new List<PoolMember>(endpoints.Count);
        var behind = new List<Endpoint>();
        foreach (var endpoint in endpoints)
        {
            if (regions.UsesGateways && endpoint.Region != place.Region && regions.IsViaGateway(endpoint.Region))
            {
                behind.Add(endpoint);
            }
            else
            {
                members.Add(new PoolMember(endpoint, IsGateway: false));
            }
        }

        // Gateways forward requests, not bytes.
        var usable = behind.Where(endpoint => PoolMember.IsSelectable(endpoint) && (endpoint.Protocol ?? protocol) != ServiceProtocol.Tcp);
        foreach (var alike in usable.GroupBy(static endpoint => (endpoint.Region, LabelSet.Create(endpoint.Labels), endpoint.Protocol)))
        {
            members.AddRange(InPlaceOf(alike.First(), alike.Key.Item2, alike.Sum(static endpoint => (long)endpoint.Weight), regions));
        }

        return members;
    }

    /// <param name="first">One of the endpoints; the others have the same region, labels and protocol.</param>
    private static IEnumerable<PoolMember> InPlaceOf(Endpoint first, LabelSet? labels, long weight, RegionMap regions)
    {
        var gateways = regions.GatewaysOf(first.Region);
        var total = gateways.Sum(static gateway => (double)gateway.Weight);
        foreach (var gateway in gateways)
        {
            yield return new PoolMember(
                first with
                {
                    Id = IdOf(gateway, labels, first.Protocol),
                    Host = gateway.Host,
                    Port = gateway.Port,
                    Zone = gateway.Zone,
                    Identity = gateway.Identity,

                    // Whole numbers: a few light endpoints behind many gateways weigh more than they should.
                    Weight = (int)Math.Clamp(Math.Round(weight * (gateway.Weight / total)), 1, MostWeight),
                },
                IsGateway: true);
        }
    }

    /// <summary>Unlike any endpoint's id, which has no slash.</summary>
    private static string IdOf(Endpoint gateway, LabelSet? labels, ServiceProtocol? protocol)
    {
        var id = new StringBuilder("gateway/").Append(gateway.Id);
        if (labels is not null)
        {
            id.Append('/').Append(labels.Text);
        }

        return protocol is null ? id.ToString() : id.Append('/').Append(protocol).ToString();
    }
}
