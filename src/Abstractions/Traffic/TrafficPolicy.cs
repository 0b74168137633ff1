namespace Mesh.Abstractions.Traffic;

/// <summary>How proxies treat a service's endpoints. Null members mean the defaults.</summary>
public sealed record TrafficPolicy
{
    public LoadBalancerPolicy? LoadBalancer { get; init; }

    public OutlierDetection? OutlierDetection { get; init; }

    public RetryBudget? RetryBudget { get; init; }

    public HealthCheck? HealthCheck { get; init; }

    public LocalityPolicy? Locality { get; init; }

    public ConnectionPolicy? Connections { get; init; }

    /// <summary>Null is no TLS, where an endpoint has no identity.</summary>
    public UpstreamTls? Tls { get; init; }

    public RequestLimits? Limits { get; init; }

    /// <summary>How many requests all proxies together send to the service.</summary>
    public RateLimit? RateLimit { get; init; }
}
