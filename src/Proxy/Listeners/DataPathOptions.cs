using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Listeners;

/// <summary>What the data path needs to know.</summary>
internal sealed record DataPathOptions
{
    /// <summary>The namespace in which a host of one label is looked for.</summary>
    public required string Namespace { get; init; }

    /// <summary>Where the proxy is.</summary>
    public ProxyPlace Place { get; init; } = new();

    /// <summary>Where applications call the mesh. Port 0 takes a free one.</summary>
    public required string OutboundUrl { get; init; }

    /// <summary>Where the mesh calls the application; used only when there is an <see cref="App"/>.</summary>
    public required string InboundUrl { get; init; }

    public required string AdminUrl { get; init; }

    /// <summary>The application beside the proxy; null for none, and then there is no inbound listener.</summary>
    public AppOptions? App { get; init; }
}
