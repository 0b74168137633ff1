using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Proxies;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Telemetry;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.ControlPlane;

/// <summary>Asks the management APIs, one after the other, where the gateways are, and remembers the last answer.</summary>
internal sealed partial class GatewayDirectory(IOptions<ProxyOptions> options, TimeProvider time, ILogger<GatewayDirectory> logger) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly LogLimit _limit = new(time, TimeSpan.FromMinutes(1));
    private readonly HttpClient _http = ControlPlaneHttp.Create(options.Value, Timeout);

    /// <summary>The last answer; null before the first.</summary>
    public GatewayList? Last { get; private set; }

    /// <summary>
    /// How the gateways are to be reached. With <c>Mesh:Identity:RequireTls</c> nobody who answers in the control plane's
    /// place can talk the proxy out of it.
    /// </summary>
    public TlsMode Tls => options.Value.Identity.RequireTls ? TlsMode.Required : Last?.Tls ?? TlsMode.Off;

    /// <returns>The newest list; the last one when nobody answers; null when nobody ever has.</returns>
    public async Task<GatewayList?> Refresh(CancellationToken cancellationToken)
    {
        foreach (var url in options.Value.ControlPlaneUrls)
        {
            try
            {
                var json = await _http.GetByteArrayAsync(new Uri(url, "/v1/gateways"), cancellationToken);
                var list = MeshJson.Decode<GatewayList>(json);
                if (list.Gateways.Count > 0)
                {
                    return Last = list;
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (_limit.TryPass())
                {
                    LogUnreachable(url, exception.GetBaseException().Message);
                }
            }
        }

        return Last;
    }

    public void Dispose() => _http.Dispose();

    [LoggerMessage(2001, LogLevel.Warning, "The control plane at {Url} does not say where its gateways are: {Reason}")]
    private partial void LogUnreachable(Uri url, string reason);
}
