using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// Picks endpoints for the tries of requests: none that has as many requests as it may get, and after a failure another
/// one. What is picked counts a request more from then on.
/// </summary>
internal sealed class EndpointPicker(TimeProvider time, Random random)
{
    /// <summary>The endpoints of the backend at which the request is now; null when its service is gone.</summary>
    public static EndpointPool? PoolOf(BackendModel backend) => backend.Service.Model is { } model ? backend.PoolIn(model) : null;

    /// <summary>Picks an endpoint for a request's first try.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="isProbe">The try decides whether the endpoint, which had failed, gets requests again.</param>
    /// <param name="isFull">There is none because all have as many requests as they may get.</param>
    public static UpstreamEndpoint? Pick(OutboundCall call, EndpointPool pool, long now, out bool isProbe, out bool isFull)
    {
        isFull = false;
        var context = pool.ContextOf(call.Context, now, call.Session?.Endpoint);
        var picked = pool.Pick(context, out isProbe);
        var limit = LimitOf(call.Backend);
        if (picked is null || picked.Stats.TryBegin(limit))
        {
            return picked;
        }

        if (isProbe)
        {
            isProbe = false;
            pool.Outliers!.Report(picked, TryVerdict.Nothing, isProbe: true);
        }

        picked = PickBelow(limit, pool, context, [picked.Stats]);
        isFull = picked is null;
        return picked;
    }

    /// <summary>Picks an endpoint that is not among those tried; null when there is none.</summary>
    public UpstreamEndpoint? PickUntried(OutboundCall call, List<EndpointStats> tried) =>
        PoolOf(call.Backend) is { } pool ? PickBelow(LimitOf(call.Backend), pool, ContextOf(call, pool), tried) : null;

    /// <summary>
    /// Picks an endpoint that is not among those tried: of the same backend if possible, else of another of the rule, by
    /// their weights; and when there is none at all, one of the same backend that was tried.
    /// </summary>
    public UpstreamEndpoint? PickAgain(OutboundCall call, List<EndpointStats> tried)
    {
        if ((PickUntried(call, tried) ?? PickElsewhere(call, tried)) is { } other)
        {
            return other;
        }

        return PoolOf(call.Backend) is { } pool
            && pool.PickAgain(ContextOf(call, pool), tried) is { } again
            && again.Stats.TryBegin(LimitOf(call.Backend))
            ? again
            : null;
    }

    /// <summary>
    /// Moves the request to another backend that has a weight and an untried endpoint. One whose service has limits is
    /// left alone: the request has not stood in its queue.
    /// </summary>
    public UpstreamEndpoint? PickElsewhere(OutboundCall call, List<EndpointStats> tried)
    {
        UpstreamEndpoint? picked = null;
        var chosen = call.Backend;
        var weights = 0L;
        foreach (var backend in call.Rule.Backends)
        {
            if (backend.Weight == 0 || backend == call.Backend || HasLimits(backend.Service)
                || PoolOf(backend) is not { } pool || pool.PickUntried(ContextOf(call, pool), tried) is not { } untried)
            {
                continue;
            }

            // Each in turn replaces the one before with the probability of its weight: in the end all had their share.
            weights += backend.Weight;
            if (random.NextInt64(weights) < backend.Weight)
            {
                (chosen, picked) = (backend, untried);
            }
        }

        call.Backend = chosen;
        picked?.Stats.Begin();
        return picked;
    }

    /// <summary>How many requests an endpoint of the backend may get; null for no limit.</summary>
    private static int? LimitOf(BackendModel backend) => backend.Service.Gate?.Limits.ConcurrentPerEndpoint;

    private static bool HasLimits(ServiceState service) => service.Model?.RateLimit is not null || service.Gate is { Capacity: < int.MaxValue };

    private static UpstreamEndpoint? PickBelow(int? limit, EndpointPool pool, in PickContext context, List<EndpointStats> tried)
    {
        var excluded = tried;
        while (pool.PickUntried(context, excluded) is { } picked)
        {
            if (picked.Stats.TryBegin(limit))
            {
                return picked;
            }

            // Full is not failed: it may be tried when it is no longer.
            excluded = [.. excluded, picked.Stats];
        }

        return null;
    }

    /// <summary>Of a retry: a session has left the endpoint it began at.</summary>
    private PickContext ContextOf(OutboundCall call, EndpointPool pool) => pool.ContextOf(call.Context, time.GetTimestamp(), pinned: null);
}
