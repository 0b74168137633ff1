namespace Mesh.Abstractions.Explain;

/// <summary>
/// What the backend's proxies decide about the request when this proxy sends it, by the access policy that this proxy
/// knows. The path is the one asked for, before a rule's rewriting; tokens are verified by the backend's proxies only, so
/// no claim is taken to hold here.
/// </summary>
public sealed record AccessExplanation
{
    /// <summary><c>allow</c>; <c>deny</c>; <c>audit</c>: let in, and reported as one that would be refused; or <c>unknown</c>: this proxy cannot use the policy.</summary>
    public required string Decision { get; init; }

    /// <summary>Who calls: the proxy's identity; null when it has none, or the service is called by plaintext.</summary>
    public string? Caller { get; init; }

    /// <summary>The access rule that decides; null when the default does.</summary>
    public string? Rule { get; init; }

    /// <summary>Why it is refused, or nothing is known; null when it is let in.</summary>
    public string? Reason { get; init; }
}
