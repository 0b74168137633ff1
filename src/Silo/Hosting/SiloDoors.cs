using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;
using Mesh.Grains.Security;
using Mesh.Grains.Security.Tokens;
using Mesh.Silo.Identity;
using Mesh.Silo.Store;

namespace Mesh.Silo.Hosting;

/// <summary>Who may connect to the silo's own ports, and what proves that a call comes from another silo.</summary>
/// <param name="Certificates">Null without TLS.</param>
/// <param name="Secret">What only silos know; empty where nothing needs it.</param>
internal sealed record SiloDoors(TlsOptions Tls, ICertificateSource? Certificates, byte[] Secret)
{
    /// <summary>From files and the configuration, or else from the mesh's own authority and the store.</summary>
    /// <exception cref="SiloStartException">Neither can be used.</exception>
    public static async Task<SiloDoors> Open(SiloOptions options, RegionIdentity identity, StoreConnection store, ILoggerFactory loggers, TimeProvider time)
    {
        var tls = new TlsOptions { Mode = options.Silo.Tls.Mode, TrustDomain = options.TrustDomain };
        try
        {
            ICertificateSource? certificates = tls.Mode == TlsMode.Off ? null
                : options.Silo.Tls.Certificate is not null ? OpenFiles(options, loggers, time)
                : await SiloCertificate.Open(identity.Authority, time, loggers.CreateLogger<SiloCertificate>());
            var secret = options.Silo.Secret is { } configured ? Convert.FromBase64String(configured)
                : tls.Mode == TlsMode.Off ? []
                : await ClusterSecret.Read(store.Calls, store.Keys, identity.Vault);
            return new SiloDoors(tls, certificates, secret);
        }
        catch (Exception exception) when (exception is AuthorityException or StoreUnavailableException)
        {
            throw new SiloStartException($"Mesh:Silo:Tls:Mode is {tls.Mode}, and the mesh's authority cannot give this silo a certificate: {exception.Message}", exception);
        }
    }

    public ISiloBuilder Use(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(Tls);
        silo.Configure<CallTokenOptions>(tokens =>
        {
            tokens.Secret = Secret;
            tokens.IsRequired = Tls.Mode == TlsMode.Required;
        });
        if (Certificates is SiloCertificate renewed)
        {
            silo.Services.AddSingleton<IHostedService>(renewed);
        }

        return Certificates is null ? silo : silo.UseMeshTls(Tls, Certificates);
    }

    private static PemCertificateSource OpenFiles(SiloOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        var tls = options.Silo.Tls;
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
}
