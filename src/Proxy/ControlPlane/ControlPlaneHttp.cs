using System.Security.Cryptography.X509Certificates;
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
            handler.SslOptions.CertificateChainPolicy = Trust(roots);
        }

        return new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = 1 << 20 };
    }

    /// <summary>These authorities and no others; the certificate must also be for the host in the URL.</summary>
    private static X509ChainPolicy Trust(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
