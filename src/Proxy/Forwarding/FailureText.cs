using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Forwarding;

/// <summary>Says in one line why a request could not be forwarded, and what to look at.</summary>
internal static class FailureText
{
    public const string NoTime = "the caller's deadline had passed when the request came";

    public static string NothingKnown(string host) =>
        $"nothing is known of '{host}', and the control plane cannot be asked; the proxy's admin page /readyz has more";

    public static string UnknownHost(string host) => $"no service is called '{host}'; the proxy's admin page /snapshots lists the known ones";

    /// <summary>Of a service that was deleted, or does not have the port that was asked for.</summary>
    public static string NotServed(ServiceState service, int port) => service.Model is { IsDeleted: false } model
        ? $"the service {service.Name} has no port {port}; it declares {string.Join(", ", model.Spec!.Ports)}"
        : $"the service {service.Name} does not exist";

    /// <param name="labels">Those that endpoints of the backend must have; null for none.</param>
    public static string NoEndpoint(
        ServiceState backend, LabelSet? labels, LookupFailure failure, long now, PoolScope scope = PoolScope.All) => backend.Model switch
    {
        null when failure == LookupFailure.ControlPlaneUnreachable =>
            $"nothing is known of the service {backend.Name}, and the control plane cannot be asked; the proxy's admin page /readyz has more",
        null or { IsDeleted: true } => $"the service {backend.Name} does not exist",
        var model => NoEndpoint(
            model.Endpoints.Subset(labels, scope),
            $"{backend.Name}{(labels is null ? "" : $" with the labels {labels.Text}")}{(scope == PoolScope.OwnRegion ? " in this region" : "")}",
            now),
    };

    public static string RuleRate(ServiceState service, RuleModel rule, RuleRateLimit policy) =>
        $"rule '{rule.Name}' of {service.Name} allows {policy.Requests} requests in {GatewayDuration.Format(policy.Per)}"
        + (policy.PerCaller is null ? "" : " to each caller");

    public static string FullEndpoints(OutboundCall call) =>
        $"each endpoint of {call.Backend.Service.Name} has as many requests of this proxy as it may (limits.concurrentPerEndpoint)";

    public static string Deadline(TimeLimits limits) => $"the {limits.Whole?.TotalSeconds} s that the caller gave the request are over";

    public static string Timeout(OutboundCall call) => $"rule '{call.Rule.Name}' of {call.Service.Name} allows {Limits(call.Rule)}";

    /// <param name="detail">What exactly went wrong in the last try.</param>
    public static string Upstream(OutboundCall call, UpstreamEndpoint endpoint, int tries, string detail)
    {
        var times = tries == 1 ? "" : $", the last of {tries} tries";
        return $"endpoint '{endpoint.Endpoint.Id}' ({endpoint.Address}) of {call.Backend.Service.Name}{times}: {detail}; the proxy's admin page /endpoints has its state";
    }

    private static string NoEndpoint(EndpointPool pool, string name, long now) => pool switch
    {
        { All.Length: 0 } => $"{name} has no endpoints",
        { Selectable: > 0 and var count } when pool.Outliers?.NextProbeIn(now) is { } next =>
            $"{AllOf(count)} of {name} {(count == 1 ? "is" : "are")} ejected for failing (outlierDetection); "
            + $"the next is probed in {next.TotalSeconds:0.0} s; the proxy's admin page /endpoints lists them",
        { Selectable: > 0 and var count } =>
            $"{AllOf(count)} of {name} {(count == 1 ? "fails its" : "fail their")} health checks (healthCheck); the proxy's admin page /endpoints says why",
        _ => $"none of the {pool.All.Length} endpoints of {name} is ready and has a weight; the proxy's admin page /endpoints lists them",
    };

    private static string AllOf(int count) => count == 1 ? "the only ready endpoint" : $"all {count} ready endpoints";

    private static string Limits(RuleModel rule) => (rule.RequestTimeout, rule.TryTimeout) switch
    {
        ({ } whole, { } one) => $"{whole.TotalSeconds} s for a request and {one.TotalSeconds} s for a try",
        ({ } whole, null) => $"{whole.TotalSeconds} s for a request",
        (_, var one) => $"{one?.TotalSeconds} s for a try",
    };
}
