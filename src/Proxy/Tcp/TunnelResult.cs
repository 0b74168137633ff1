using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Tcp;

/// <summary>A tunnel, or why there is none.</summary>
/// <param name="Error">Null when there is a tunnel.</param>
/// <param name="Detail">What exactly went wrong, for people.</param>
internal readonly record struct TunnelResult(Tunnel? Tunnel, ProxyError? Error, string Detail)
{
    public static TunnelResult Open(Tunnel tunnel) => new(tunnel, null, "");

    public static TunnelResult Failed(ProxyError error, string detail) => new(null, error, detail);
}
