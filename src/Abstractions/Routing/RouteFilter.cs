namespace Mesh.Abstractions.Routing;

/// <summary>What a rule does to a request or a response (Gateway API, <c>HTTPRouteFilter</c>): the member named by <see cref="Type"/>.</summary>
public sealed record RouteFilter
{
    public required RouteFilterType Type { get; init; }

    public HeaderModifier? RequestHeaderModifier { get; init; }

    public HeaderModifier? ResponseHeaderModifier { get; init; }
}
