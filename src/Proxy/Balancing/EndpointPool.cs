using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Balancing;

/// <summary>The endpoints of one service at one revision, and the choice among them. Immutable.</summary>
internal sealed class EndpointPool
{
    private readonly Balancer? _balancer;

    /// <param name="previous">The pool this one follows; endpoints in both keep their measurements.</param>
    public EndpointPool(ServiceSpec spec, IReadOnlyList<Endpoint> endpoints, EndpointPool? previous, TimeProvider time, Random random)
    {
        var known = new Dictionary<EndpointKey, EndpointStats>();
        foreach (var endpoint in previous?.All ?? [])
        {
            known.TryAdd(endpoint.Key, endpoint.Stats);
        }

        All = [.. endpoints.Select(endpoint => new UpstreamEndpoint(
            endpoint,
            endpoint.Protocol ?? spec.Protocol,
            known.GetValueOrDefault(new EndpointKey(endpoint.Region, endpoint.Id, endpoint.Host, endpoint.Port)) ?? new EndpointStats(time)))];
        var selectable = All.Where(static endpoint => endpoint.IsSelectable).ToArray();
        if (selectable.Length > 0)
        {
            _balancer = Balancer.Create(spec.Traffic.LoadBalancer?.Type ?? default, selectable, random);
        }
    }

    /// <summary>Those that get no requests included.</summary>
    public UpstreamEndpoint[] All { get; }

    /// <returns>Null when no endpoint may get requests.</returns>
    public UpstreamEndpoint? Pick(long now) => _balancer?.Pick(now);
}
