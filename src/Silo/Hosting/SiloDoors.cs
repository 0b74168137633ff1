using Mesh.Abstractions.Connections;
using Mesh.Grains.Security;
using Mesh.Grains.Security.Tokens;

namespace Mesh.Silo.Hosting;

/// <summary>Who may connect to the silo's own ports, and what proves that a call comes from another silo.</summary>
internal static class SiloDoors
{
    /// <returns>Null without TLS.</returns>
    /// <exception cref="SiloStartException">The files cannot be used.</exception>
    public static ICertificateSource? OpenCertificates(SiloOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        var tls = options.Silo.Tls;
        if (tls.Mode == TlsMode.Off)
        {
            return null;
        }

        try
        {
            var source = new PemCertificateSource(tls.Certificate!, tls.Key!, tls.Roots!, time, loggers.CreateLogger<PemCertificateSource>());
            var own = PeerIdentity.OfSilo(options.TrustDomain);
            return source.Current?.SpiffeId == own
                ? source
                : throw new SiloStartException($"Mesh:Silo:Tls:Certificate has the identity {source.Current?.SpiffeId}; a silo's is {own}.");
        }
        catch (InvalidDataException exception)
        {
            throw new SiloStartException($"Mesh:Silo:Tls: {exception.Message}", exception);
        }
    }

    public static ISiloBuilder UseMeshDoors(this ISiloBuilder silo, TlsOptions tls, ICertificateSource? certificates, SiloOptions options)
    {
        silo.Services.AddSingleton(tls);
        silo.Configure<CallTokenOptions>(tokens =>
        {
            tokens.Secret = options.Silo.Secret is { } secret ? Convert.FromBase64String(secret) : [];
            tokens.IsRequired = tls.Mode == TlsMode.Required;
        });
        return certificates is null ? silo : silo.UseMeshTls(tls, certificates);
    }
}
