namespace Mesh.Proxy.Forwarding;

/// <summary>An error that the proxy itself answers with: its code in the header <c>mesh-error</c> and its statuses.</summary>
internal sealed class ProxyError
{
    private static readonly List<ProxyError> Known = [];

    private ProxyError(string code, int status, int grpcStatus)
    {
        Code = code;
        Status = status;
        GrpcStatus = grpcStatus;
        Index = Known.Count;
        Known.Add(this);
    }

    /// <summary>The request is not one the proxy can forward.</summary>
    public static ProxyError BadRequest { get; } = new("bad-request", StatusCodes.Status400BadRequest, grpcStatus: 13);

    /// <summary>The header <c>mesh-override</c>, or what the baggage carries of it, cannot be read.</summary>
    public static ProxyError BadOverride { get; } = new("bad-override", StatusCodes.Status400BadRequest, grpcStatus: 13);

    /// <summary>The caller may not.</summary>
    public static ProxyError Forbidden { get; } = new("forbidden", StatusCodes.Status403Forbidden, grpcStatus: 7);

    /// <summary>The caller's token is not valid.</summary>
    public static ProxyError Unauthenticated { get; } = new("unauthenticated", StatusCodes.Status401Unauthorized, grpcStatus: 16);

    /// <summary>Whether the caller may cannot be found out now.</summary>
    public static ProxyError AuthorizationUnavailable { get; } = new("authorization-unavailable", StatusCodes.Status503ServiceUnavailable, grpcStatus: 14);

    /// <summary>The authority names no service.</summary>
    public static ProxyError UnknownService { get; } = new("unknown-service", StatusCodes.Status404NotFound, grpcStatus: 12);

    /// <summary>No rule of the service matches.</summary>
    public static ProxyError NoRoute { get; } = new("no-route", StatusCodes.Status404NotFound, grpcStatus: 12);

    /// <summary>No connection to the endpoint.</summary>
    public static ProxyError ConnectFailed { get; } = new("connect-failed", StatusCodes.Status502BadGateway, grpcStatus: 14);

    /// <summary>The connection broke, or carried something else than an answer.</summary>
    public static ProxyError UpstreamReset { get; } = new("upstream-reset", StatusCodes.Status502BadGateway, grpcStatus: 14);

    /// <summary>The rule sends the request to a service that does not exist (Gateway API, <c>HTTPRouteRule.backendRefs</c>).</summary>
    public static ProxyError NoBackend { get; } = new("no-backend", StatusCodes.Status500InternalServerError, grpcStatus: 14);

    /// <summary>The rule asks for an error; its status is the rule's.</summary>
    public static ProxyError FaultInjected { get; } = new("fault-injected", StatusCodes.Status503ServiceUnavailable, grpcStatus: 14);

    /// <summary>More requests than a rate limit allows.</summary>
    public static ProxyError RateLimited { get; } = new("rate-limited", StatusCodes.Status429TooManyRequests, grpcStatus: 8);

    /// <summary>More requests at once than the service may get, or than the proxy can bear.</summary>
    public static ProxyError Overloaded { get; } = new("overloaded", StatusCodes.Status503ServiceUnavailable, grpcStatus: 14);

    /// <summary>Nowhere to send the request.</summary>
    public static ProxyError NoEndpoints { get; } = new("no-endpoints", StatusCodes.Status503ServiceUnavailable, grpcStatus: 14);

    /// <summary>A time limit of the rule passed.</summary>
    public static ProxyError Timeout { get; } = new("timeout", StatusCodes.Status504GatewayTimeout, grpcStatus: 4);

    /// <summary>The time that the caller gave the request passed.</summary>
    public static ProxyError DeadlineExceeded { get; } = new("deadline-exceeded", StatusCodes.Status504GatewayTimeout, grpcStatus: 4);

    /// <summary>The request has been here before. To gRPC callers a failed precondition: trying again would not help.</summary>
    public static ProxyError Loop { get; } = new("loop", StatusCodes.Status508LoopDetected, grpcStatus: 9);

    public static IReadOnlyList<ProxyError> All => Known;

    public string Code { get; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The <c>grpc-status</c> that gRPC callers get, by gRPC's own mapping of HTTP statuses where it has one.</summary>
    public int GrpcStatus { get; }

    /// <summary>Position in <see cref="All"/>.</summary>
    public int Index { get; }
}
