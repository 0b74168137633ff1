using Mesh.Abstractions.Connections;
using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.ControlPlane;

/// <summary>The proxy's own certificate for its connections to gateways.</summary>
internal sealed class ProxyCertificates(IdentityOptions options, TimeProvider time, ILogger<ProxyCertificates> logger) : ICertificateSource
{
    private readonly PemCertificateSource? _files = options.IsConfigured ? Open(options, time, logger) : null;

    public PeerCredentials? Current => _files?.Current;

    private static PemCertificateSource Open(IdentityOptions options, TimeProvider time, ILogger logger)
    {
        try
        {
            return new PemCertificateSource(options.Certificate!, options.Key!, options.Roots!, time, logger);
        }
        catch (InvalidDataException exception)
        {
            throw new ProxyConfigurationException($"Mesh:Identity: {exception.Message}");
        }
    }
}
