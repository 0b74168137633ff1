using Mesh.Abstractions.Naming;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Listeners;

/// <summary>What the data path needs to know.</summary>
internal sealed record DataPathOptions
{
    /// <summary>The proxy's id.</summary>
    public string ProxyId { get; init; } = "proxy";

    /// <summary>The namespace in which a host of one label is looked for.</summary>
    public required string Namespace { get; init; }

    /// <summary>The application that calls; nobody in particular, of the namespace, when null.</summary>
    public CallerIdentity? Caller { get; init; }

    /// <summary>Where the proxy is.</summary>
    public ProxyPlace Place { get; init; } = new();

    /// <summary>Where applications call the mesh. Port 0 takes a free one.</summary>
    public required string OutboundUrl { get; init; }

    /// <summary>Where the mesh calls the application; used only when there is an <see cref="App"/>, or by a gateway.</summary>
    public required string InboundUrl { get; init; }

    public required string AdminUrl { get; init; }

    /// <summary>The file with the token that admin pages need; null for none, and then nobody may drain.</summary>
    public string? AdminTokenFile { get; init; }

    /// <summary>Headers that are not shown, besides those that never are.</summary>
    public IReadOnlyList<string> RedactedHeaders { get; init; } = [];

    /// <summary>With what the outbound listener can be called by TLS as well; null for cleartext only.</summary>
    public ServerCertificate? OutboundCertificate { get; init; }

    /// <inheritdoc cref="OutboundCertificate"/>
    public ServerCertificate? InboundCertificate { get; init; }

    /// <summary>Ports for services of opaque bytes.</summary>
    public IReadOnlyList<TcpListenerOptions> Tcp { get; init; } = [];

    /// <summary>The application beside the proxy; null for none, and then there is no inbound listener.</summary>
    public AppOptions? App { get; init; }

    /// <summary>The inbound listener takes requests of other regions' proxies; there is no application then.</summary>
    public bool IsGateway { get; init; }

    /// <summary>The application's service; null for none.</summary>
    public ServiceName? Service { get; init; }

    /// <summary>Who the proxy is.</summary>
    public ProxyIdentity Identity { get; init; } = ProxyIdentity.None;

    /// <summary>What the proxy can bear.</summary>
    public LimitOptions Limits { get; init; } = new();
}
