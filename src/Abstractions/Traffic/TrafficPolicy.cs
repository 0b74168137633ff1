namespace Mesh.Abstractions.Traffic;

/// <summary>How proxies treat a service's endpoints. Null members mean the defaults.</summary>
public sealed record TrafficPolicy
{
    public LoadBalancerPolicy? LoadBalancer { get; init; }

    public OutlierDetection? OutlierDetection { get; init; }

    public RetryBudget? RetryBudget { get; init; }
}
