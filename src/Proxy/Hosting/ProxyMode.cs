namespace Mesh.Proxy.Hosting;

/// <summary>What a proxy is for.</summary>
internal enum ProxyMode
{
    /// <summary>It stands beside one application, or takes only outbound calls.</summary>
    Sidecar,

    /// <summary>It takes the outbound calls of all applications of a host.</summary>
    Host,

    /// <summary>It also takes the requests of other regions' proxies for services of its own region.</summary>
    Gateway,
}
