namespace Mesh.Abstractions.Routing;

/// <summary>Conditions that must all hold (Gateway API, <c>HTTPRouteMatch</c>).</summary>
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
