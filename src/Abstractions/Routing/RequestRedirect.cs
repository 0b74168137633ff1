namespace Mesh.Abstractions.Routing;

/// <summary>Where a redirect leads (Gateway API, <c>HTTPRequestRedirectFilter</c>); what is null stays as in the request.</summary>
public sealed record RequestRedirect
{
    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string? Scheme { get; init; }

    /// <summary>A DNS name, without port.</summary>
    public string? Hostname { get; init; }

    public PathModifier? Path { get; init; }

    /// <summary>When null: the default port of <see cref="Scheme"/>, or that of the request when the scheme stays.</summary>
    public int? Port { get; init; }

    /// <summary>301, 302, 303, 307 or 308.</summary>
    public int StatusCode { get; init; } = 302;
}
