using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.ControlPlane;

/// <summary>How a proxy calls the management API.</summary>
internal static class ControlPlaneHttp
{
    public static HttpClient Create(ProxyOptions options, TimeSpan timeout)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            ActivityHeadersPropagator = null,
        };
        if (options.ControlPlaneRoots is { } file)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);

            // The certificate must also be for the host in the URL.
            handler.SslOptions.CertificateChainPolicy = RootTrust.PolicyOf(roots, isServer: true);
        }

        return new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = 1 << 20 };
    }
}
