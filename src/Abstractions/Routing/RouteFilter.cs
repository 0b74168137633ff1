namespace Mesh.Abstractions.Routing;

/// <summary>What a rule does to a request or a response (Gateway API, <c>HTTPRouteFilter</c>): the member named by <see cref="Type"/>.</summary>
public sealed record RouteFilter
{
    public required RouteFilterType Type { get; init; }

    public HeaderModifier? RequestHeaderModifier { get; init; }

    public HeaderModifier? ResponseHeaderModifier { get; init; }

    public RequestRedirect? RequestRedirect { get; init; }

    public UrlRewrite? UrlRewrite { get; init; }

    public RequestMirror? RequestMirror { get; init; }

    public CorsPolicy? Cors { get; init; }

    public FaultInjection? FaultInjection { get; init; }

    public DirectResponse? DirectResponse { get; init; }
}
