using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>The traffic policy; groups with many fields have validators of their own.</summary>
internal static class TrafficValidator
{
    public static void Validate(TrafficPolicy traffic, JsonPath path, SpecErrors errors)
    {
        if (traffic.LoadBalancer is { } balancer)
        {
            LoadBalancerValidator.Validate(balancer, path.Field("loadBalancer"), errors);
        }

        if (traffic.OutlierDetection is { } detection)
        {
            OutlierDetectionValidator.Validate(detection, path.Field("outlierDetection"), errors);
        }

        if (traffic.Locality is { } locality)
        {
            LocalityValidator.Validate(locality, path.Field("locality"), errors);
        }

        if (traffic.HealthCheck is { } check)
        {
            HealthCheckValidator.Validate(check, path.Field("healthCheck"), errors);
        }

        if (traffic.RetryBudget is { } budget)
        {
            Validate(budget, path.Field("retryBudget"), errors);
        }

        if (traffic.Connections is { } connections)
        {
            ConnectionValidator.Validate(connections, path.Field("connections"), errors);
        }

        if (traffic.Tls is { } tls)
        {
            UpstreamTlsValidator.Validate(tls, path.Field("tls"), errors);
        }

        if (traffic.Limits is { } limits)
        {
            RequestLimitsValidator.Validate(limits, path.Field("limits"), errors);
        }

        if (traffic.RateLimit is { } rateLimit)
        {
            RateLimitValidator.Validate(rateLimit, path.Field("rateLimit"), errors);
        }
    }

    private static void Validate(RetryBudget budget, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(budget.Percent, 0, 1000, path.Field("percent"), errors);
        Bounds.CheckRange(budget.MinPerSecond, 0, 100_000, path.Field("minPerSecond"), errors);
        Bounds.CheckRange(budget.Window, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), path.Field("window"), errors);
    }
}
