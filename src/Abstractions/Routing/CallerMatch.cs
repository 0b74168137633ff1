namespace Mesh.Abstractions.Routing;

/// <summary>A condition on the application that calls. At least one member; all given ones must hold.</summary>
public sealed record CallerMatch
{
    /// <summary>The caller's SPIFFE ID, such as <c>spiffe://mesh.local/ns/shop/svc/web</c>, compared whole.</summary>
    public string? Identity { get; init; }

    /// <summary>The caller's namespace.</summary>
    public string? Namespace { get; init; }
}
