using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Balancing;

/// <summary>The endpoints of one service at one revision, and the choice among them. Immutable.</summary>
internal sealed class EndpointPool
{
    private readonly Rotation _everyone;

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
        var balancer = spec.Traffic.LoadBalancer?.Type ?? default;
        Selectable = selectable.Length;
        _everyone = new Rotation(balancer, selectable, random);
        if (spec.Traffic.OutlierDetection is { } policy)
        {
            Outliers = new OutlierDetector(policy, balancer, selectable, previous?.Outliers, time, random);
        }
    }

    /// <summary>Those that get no requests included.</summary>
    public UpstreamEndpoint[] All { get; }

    /// <summary>How many get requests unless they are ejected.</summary>
    public int Selectable { get; }

    /// <summary>Null when the service has no outlier detection.</summary>
    public OutlierDetector? Outliers { get; }

    private Rotation Rotation => Outliers?.Rotation ?? _everyone;

    /// <summary>Picks an endpoint for a request's first try.</summary>
    /// <param name="isProbe">Whether the request decides on the endpoint's return: what becomes of it must be reported to <see cref="Outliers"/>.</param>
    /// <returns>Null when no endpoint may get requests.</returns>
    public UpstreamEndpoint? Pick(long now, out bool isProbe)
    {
        isProbe = false;
        return Outliers is null ? _everyone.Pick(now) : Outliers.Pick(now, out isProbe);
    }

    /// <summary>Picks an endpoint that is not among those tried, nor ejected.</summary>
    /// <returns>Null when there is none.</returns>
    public UpstreamEndpoint? PickUntried(long now, List<EndpointStats> tried) => Rotation.PickUntried(now, tried);

    /// <summary>Picks an endpoint that is not among those tried, or one of them when there is no other; never an ejected one.</summary>
    /// <returns>Null when no endpoint may get requests.</returns>
    public UpstreamEndpoint? PickAgain(long now, List<EndpointStats> tried)
    {
        var rotation = Rotation;
        return rotation.PickUntried(now, tried) ?? rotation.Pick(now);
    }
}
