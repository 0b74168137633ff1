using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Limits;

/// <summary>From rate limits as written to those that count. What was used stays used, unless the limit is another.</summary>
internal static class LimitCompiler
{
    /// <param name="previous">The model that will be replaced.</param>
    /// <exception cref="ArgumentException">A number is not one the API accepts.</exception>
    public static RuleRateLimiter? Compile(RouteRule rule, ServiceModel? previous, TimeProvider time)
    {
        if (rule.RateLimit is not { } policy)
        {
            return null;
        }

        var held = previous?.Rules.FirstOrDefault(other => other.Name == rule.Name)?.RateLimit;
        return held?.Policy == policy ? held : new RuleRateLimiter(policy, time);
    }

    /// <inheritdoc cref="Compile(RouteRule, ServiceModel?, TimeProvider)"/>
    public static ServiceRateLimiter? Compile(ServiceName service, TrafficPolicy? traffic, ServiceModel? previous, TimeProvider time)
    {
        if (traffic?.RateLimit is not { } policy)
        {
            return null;
        }

        return previous?.RateLimit is { } held && held.Policy == policy ? held : new ServiceRateLimiter(service, policy, time);
    }
}
