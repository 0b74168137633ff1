namespace Mesh.Abstractions.Routing;

/// <summary>
/// Sends a copy of requests to another service and drops its answers (Gateway API, <c>HTTPRequestMirrorFilter</c>). The
/// real request never waits for it. All requests unless a share is given.
/// </summary>
public sealed record RequestMirror
{
    public required MirrorBackend BackendRef { get; init; }

    /// <summary>The share in percent, 0 to 100. Not with <see cref="Fraction"/>.</summary>
    public int? Percent { get; init; }

    public Fraction? Fraction { get; init; }
}
