using System.Text.Json;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Json;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Explain;

/// <summary>Which backends a rule has, what the balancer sees of one of them, and what bounds the request.</summary>
internal sealed class BackendExplainer(ProxyIdentity identity, TimeProvider time)
{
    /// <param name="limit">How many endpoints are listed at most.</param>
    public Explanation Explain(Explanation explanation, HttpContext context, RuleModel rule, BackendModel backend, int limit)
    {
        var model = backend.Service.Model;
        explanation = explanation with
        {
            Backends = [.. rule.Backends.Select(used => new BackendExplanation
            {
                Service = used.Service.Name,
                Labels = used.Subset.Length == 0 ? null : used.Subset,
                Weight = used.Weight,
                Percent = rule.TotalWeight == 0 ? 0 : Math.Round(100.0 * used.Weight / rule.TotalWeight, 3),
            })],
            Backend = backend.Service.Name,
            Limits = Describe(context, rule, backend),
        };
        if (model is null or { IsDeleted: true })
        {
            return explanation with { Error = $"{ProxyError.NoBackend.Code}: the service {backend.Service.Name} does not exist" };
        }

        var now = time.GetTimestamp();
        var pool = backend.PoolIn(model);
        var picked = pool.Imagine(pool.ContextOf(context, now, pinned: null));
        return explanation with
        {
            Balancer = JsonNamingPolicy.CamelCase.ConvertName((model.Spec!.Traffic.LoadBalancer?.Type ?? default).ToString()),
            IsPanic = pool.IsPanic ? true : null,
            Endpoints = [.. pool.All.Take(limit).Select(endpoint => Describe(endpoint, pool, now))],
            Endpoint = picked?.Endpoint.Id,
            Access = AccessExplainer.Explain(model, context, identity),
            Error = picked is null ? $"{ProxyError.NoEndpoints.Code}: no endpoint may get requests" : null,
        };
    }

    private LimitsExplanation Describe(HttpContext context, RuleModel rule, BackendModel backend)
    {
        var model = backend.Service.Model;
        var gate = backend.Service.Gate;
        var limits = DeadlineHeaders.TryRead(context.Request, out var allowed, out _) ? new TimeLimits(0, allowed, rule) : new TimeLimits(0, null, rule);
        return new LimitsExplanation
        {
            RequestTimeout = rule.RequestTimeout,
            TryTimeout = rule.TryTimeout,
            IdleTimeout = rule.IdleTimeout,
            Deadline = limits.IsCallers ? limits.Whole : null,
            HedgeDelay = rule.HedgeDelay,
            Retries = rule.Retry?.Attempts,
            RetryBudget = model?.Retries.Left(time.GetTimestamp()),
            Concurrent = gate?.InFlight,
            MaxConcurrent = gate?.Capacity,
            Pending = gate?.Waiting,
            RuleRateLimit = rule.RateLimit?.Policy,
            ServiceRateLimit = model?.RateLimit?.Policy,
            ServiceRateLimitPart = model?.RateLimit?.Part,
        };
    }

    private EndpointExplanation Describe(UpstreamEndpoint endpoint, EndpointPool pool, long now) => new()
    {
        Id = endpoint.Endpoint.Id,
        Address = endpoint.Address,
        Zone = endpoint.Endpoint.Zone,
        Region = endpoint.Endpoint.Region,
        Level = pool.LevelOf(endpoint),
        Weight = endpoint.Endpoint.Weight,
        LatencyEstimateMs = Math.Round(endpoint.Stats.LatencyMilliseconds(now), 3),
        InFlight = endpoint.Stats.InFlight,
        Excluded = Exclusion(endpoint, pool, now),
    };

    private string? Exclusion(UpstreamEndpoint endpoint, EndpointPool pool, long now)
    {
        if (!endpoint.IsSelectable)
        {
            return endpoint.Endpoint.Weight == 0 ? "its weight is 0" : $"it is {endpoint.Endpoint.State}";
        }

        if (pool.Outliers is not null && endpoint.Stats.Ejection.IsOut)
        {
            var left = time.GetElapsedTime(now, Math.Max(now, endpoint.Stats.Ejection.Until));
            return $"ejected for failing; probed in {GatewayDuration.Format(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)))}";
        }

        return pool.IsChecked && endpoint.Stats.Health.IsFailing ? $"its health check fails: {endpoint.Stats.Health.Problem}" : null;
    }
}
