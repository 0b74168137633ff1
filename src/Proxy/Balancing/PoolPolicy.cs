using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Regions;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Balancing;

/// <summary>How a service's traffic policy wants endpoints chosen, compiled; the same for all of its subsets. Immutable.</summary>
internal sealed class PoolPolicy
{
    private readonly SlowStartRamp? _ramp;
    private readonly Random _random;

    /// <exception cref="ArgumentException">The policy cannot be used.</exception>
    public PoolPolicy(ServiceSpec spec, ProxyPlace place, RegionMap regions, TimeProvider time, Random random)
    {
        var balancer = spec.Traffic.LoadBalancer;
        Balancer = balancer?.Type ?? default;
        IsHashed = Balancer is LoadBalancerType.RingHash or LoadBalancerType.Maglev;
        Hash = IsHashed
            ? new RequestHash(balancer!.Hash ?? throw new ArgumentException("loadBalancer.hash is missing; consistent hashing needs it"))
            : null;
        _ramp = balancer?.SlowStart is { } slowStart ? new SlowStartRamp(slowStart, time.TimestampFrequency) : null;
        _random = random;
        Place = place;
        Regions = regions;
        Locality = spec.Traffic.Locality ?? new LocalityPolicy();
        Outliers = spec.Traffic.OutlierDetection;
        HealthCheck = spec.Traffic.HealthCheck;
        if (HealthCheck is { } check && !AbsoluteUri.TryParse($"http://endpoint{check.Path}", out _))
        {
            throw new ArgumentException($"healthCheck.path '{check.Path}' is not the path of a URL");
        }
    }

    public LoadBalancerType Balancer { get; }

    public bool IsHashed { get; }

    /// <summary>Null when the balancer does not hash.</summary>
    public RequestHash? Hash { get; }

    public SlowStartRamp? Ramp => _ramp;

    public LocalityPolicy Locality { get; }

    public OutlierDetection? Outliers { get; }

    public HealthCheck? HealthCheck { get; }

    public ProxyPlace Place { get; }

    public RegionMap Regions { get; }

    /// <summary>How many levels there are, nearest first; the last one is that of stale regions' endpoints.</summary>
    public int Levels => 1 + (Locality.Enabled ? ProxyPlace.Levels : 1);

    /// <summary>The level an endpoint belongs to.</summary>
    public int LevelOf(Endpoint endpoint) =>
        Regions.IsStale(endpoint.Region) ? Levels - 1
        : Locality.Enabled ? Place.LevelOf(endpoint)
        : 0;

    /// <summary>What people call that level; null when nearness plays no part and its region is not stale.</summary>
    public string? LevelNameOf(Endpoint endpoint) =>
        Regions.IsStale(endpoint.Region) ? "stale"
        : Locality.Enabled ? ProxyPlace.NameOf(Place.LevelOf(endpoint))
        : null;

    /// <summary>Neither ejected nor failing its checks, as far as the service has such things.</summary>
    public bool IsHealthy(EndpointStats stats) =>
        (Outliers is null || !stats.Ejection.IsOut) && (HealthCheck is null || !stats.Health.IsFailing);

    /// <param name="endpoints">Those that get requests.</param>
    /// <param name="places">Needed only for hashing.</param>
    /// <param name="includesUnhealthy">They get requests whether they are healthy or not.</param>
    public Rotation Rotate(UpstreamEndpoint[] endpoints, HashedEndpoints? places, bool includesUnhealthy)
    {
        if (endpoints.Length == 0)
        {
            return Rotation.Empty;
        }

        var balancer = places is null
            ? Balancing.Balancer.Create(Balancer, endpoints, _ramp, _random)
            : new HashBalancer(places, endpoints, includesUnhealthy ? null : this, _ramp, _random);
        return new Rotation(endpoints, balancer, _random);
    }
}
