namespace Mesh.Abstractions.Routing;

/// <summary>One rule of a service (Gateway API, <c>HTTPRouteRule</c>).</summary>
public sealed record RouteRule
{
    /// <summary>A DNS-1123 label, unique in its service; the rule's address in the management API.</summary>
    public required string Name { get; init; }

    /// <summary>The rule applies when any of these matches; every request matches when empty.</summary>
    public IReadOnlyList<RouteMatch> Matches { get; init; } = [];

    public IReadOnlyList<RouteFilter> Filters { get; init; } = [];

    /// <summary>Where requests go, by weight; the service's own endpoints when empty.</summary>
    public IReadOnlyList<BackendRef> BackendRefs { get; init; } = [];

    public RouteTimeouts? Timeouts { get; init; }

    public RetryPolicy? Retry { get; init; }

    /// <summary>A second try while the first is still unanswered, for idempotent requests.</summary>
    public HedgePolicy? Hedge { get; init; }

    public SessionPersistence? SessionPersistence { get; init; }

    /// <summary>How many requests each proxy lets through this rule.</summary>
    public RuleRateLimit? RateLimit { get; init; }
}
