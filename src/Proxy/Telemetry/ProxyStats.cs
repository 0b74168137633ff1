using Mesh.Proxy.Tcp;

namespace Mesh.Proxy.Telemetry;

/// <summary>What is counted for the proxy as a whole.</summary>
internal sealed class ProxyStats
{
    /// <summary>Outbound requests answered by the proxy itself before their service was known.</summary>
    public ErrorCounters Errors { get; } = new();

    /// <summary>Requests to the application beside the proxy.</summary>
    public RequestStats Inbound { get; } = new();

    /// <summary>Connections to an application that speaks opaque bytes.</summary>
    public TunnelStats InboundTunnels { get; } = new();

    /// <summary>Inbound requests answered by the proxy itself.</summary>
    public ErrorCounters InboundErrors { get; } = new();
}
