using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Regions;

namespace Mesh.Proxy.Balancing;

/// <summary>From one pool of a service to the next.</summary>
internal static class PoolHistory
{
    /// <summary>Takes over what was measured, and notes who joins those that get requests already.</summary>
    /// <param name="protocol">What the service speaks where an endpoint does not say.</param>
    /// <param name="policy">TLS to endpoints outside of the mesh.</param>
    /// <param name="isStrict">Those in the mesh take no plaintext.</param>
    /// <exception cref="ArgumentException">That cannot be used.</exception>
    public static UpstreamEndpoint[] Follow(
        IReadOnlyList<PoolMember> members, ServiceProtocol protocol, UpstreamTls? policy, bool isStrict, EndpointPool? previous, TimeProvider time)
    {
        var known = new Dictionary<EndpointKey, UpstreamEndpoint>();
        foreach (var endpoint in previous?.All ?? [])
        {
            known.TryAdd(endpoint.Key, endpoint);
        }

        // Who comes alone, or together with all others, has nobody to leave the rest of its share to.
        var hasPeers = previous is { Selectable: > 0 };
        var now = time.GetTimestamp();
        var tls = TlsOrigin.Compile(policy, previous?.All.FirstOrDefault(static endpoint => endpoint.Tls is not null)?.Tls);
        var all = new UpstreamEndpoint[members.Count];
        for (var i = 0; i < all.Length; i++)
        {
            var (endpoint, isGateway) = members[i];
            var before = known.GetValueOrDefault(new EndpointKey(endpoint.Region, endpoint.Id, endpoint.Host, endpoint.Port));
            all[i] = new UpstreamEndpoint(endpoint, endpoint.Protocol ?? protocol, before?.Stats ?? new EndpointStats(time), isGateway, tls, isStrict);
            if (hasPeers && all[i].IsSelectable && before is not { IsSelectable: true })
            {
                all[i].Stats.Join(now);
            }
        }

        return all;
    }
}
