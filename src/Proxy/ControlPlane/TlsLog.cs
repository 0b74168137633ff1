using System.Net;
using Mesh.Abstractions.Connections;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.ControlPlane;

/// <summary>Says, once a minute, why gateways cannot be connected to.</summary>
internal sealed partial class TlsLog(ILogger logger, TimeProvider time) : ITlsObserver
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly LogLimit _failures = new(time, Period);
    private readonly LogLimit _plaintext = new(time, Period);

    public void Failed(EndPoint? peer, string reason, string detail)
    {
        if (_failures.TryPass())
        {
            LogFailed(peer, detail);
        }
    }

    public void Plaintext(EndPoint? peer)
    {
        if (_plaintext.TryPass())
        {
            LogPlaintext(peer);
        }
    }

    [LoggerMessage(2015, LogLevel.Warning, "The gateway at {Peer} cannot be connected to: {Reason}")]
    private partial void LogFailed(EndPoint? peer, string reason);

    [LoggerMessage(2016, LogLevel.Warning, "The connection to the gateway at {Peer} is not encrypted, although the control plane speaks TLS: there is no certificate here (Mesh:Identity), or none there")]
    private partial void LogPlaintext(EndPoint? peer);
}
