namespace Mesh.Abstractions.Routing;

/// <summary>The header that holds a session: sent with the response, expected with the next request.</summary>
public sealed record SessionHeader
{
    public string Name { get; init; } = "x-mesh-session";
}
