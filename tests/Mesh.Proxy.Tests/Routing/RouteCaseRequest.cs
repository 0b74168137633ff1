using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Tests.Routing;

public sealed record RouteCaseRequest
{
    public string Method { get; init; } = "GET";

    /// <summary>As it stands in the request line.</summary>
    public string Target { get; init; } = "/";

    public string Host { get; init; } = "web";

    public string Scheme { get; init; } = "http";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    internal CallerIdentity Caller => new(Identity, Namespace);

    /// <summary>The caller's.</summary>
    public string? Identity { get; init; }

    /// <inheritdoc cref="Identity"/>
    public string Namespace { get; init; } = "shop";
}
