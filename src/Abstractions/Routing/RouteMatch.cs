namespace Mesh.Abstractions.Routing;

/// <summary>
/// Conditions that must all hold (Gateway API, <c>HTTPRouteMatch</c>, <c>GRPCRouteMatch</c>). Of several matches that hold,
/// the one with the exact path decides, then the longest prefix, a pattern of the path, the most characters in the gRPC
/// service, then in its method, an HTTP method, the most headers, the most query parameters, the caller's identity, the
/// caller's namespace; then the order of the rules. Exact names of a gRPC service and method count as the path they make.
/// </summary>
public sealed record RouteMatch
{
    public PathMatch? Path { get; init; }

    public IReadOnlyList<HeaderMatch> Headers { get; init; } = [];

    public IReadOnlyList<QueryParamMatch> QueryParams { get; init; } = [];

    /// <summary>An HTTP method in upper case, such as <c>GET</c>; any when null.</summary>
    public string? Method { get; init; }

    public GrpcMethodMatch? Grpc { get; init; }

    public CallerMatch? Caller { get; init; }
}
