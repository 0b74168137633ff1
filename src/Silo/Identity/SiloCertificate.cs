using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Identity;
using Mesh.Grains.Identity;

namespace Mesh.Silo.Identity;

/// <summary>
/// The certificate of this silo's own ports, which the silo signs itself with the mesh's authority: it needs no grain, and so can be
/// had before there is a cluster. The key never leaves the process. Renewed well before it ends, and when the roots change.
/// </summary>
internal sealed partial class SiloCertificate : BackgroundService, ICertificateSource
{
    /// <summary>As soon as proxies renew theirs.</summary>
    private const double RenewedAfter = 0.7;

    private readonly AuthorityKeeper _authority;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile PeerCredentials? _current;
    private string _bundle = "";
    private DateTimeOffset _renewAt;

    private SiloCertificate(AuthorityKeeper authority, TimeProvider time, ILogger logger) => (_authority, _time, _logger) = (authority, time, logger);

    public PeerCredentials? Current => _current;

    /// <exception cref="AuthorityException">The authority cannot be used.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task<SiloCertificate> Open(AuthorityKeeper authority, TimeProvider time, ILogger<SiloCertificate> logger)
    {
        var certificate = new SiloCertificate(authority, time, logger);
        await certificate.Renew();
        return certificate;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(AuthorityKeeper.Period, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await Renew();
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    // Whatever it is: the certificate that is there is good for hours, and the silo must not end of it.
                    LogNotRenewed(_current!.ExpiresAt, exception.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task Renew()
    {
        var authority = await _authority.Get();
        var now = _time.GetUtcNow();
        if (_current is not null && now < _renewAt && authority.Bundle == _bundle)
        {
            return;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = authority.Issuing.Issue(new PublicKey(key), PeerIdentity.OfSilo(_authority.TrustDomain), now);
        if (!Pem.TryReadCertificates(issued.Chain, out var chain))
        {
            throw new AuthorityException("The authority signs certificates that cannot be read.");
        }

        using var withKey = chain[0].CopyWithPrivateKey(key);

        // Some platforms' TLS takes no key that is in memory only.
        var own = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), password: null);
        chain.RemoveAt(0);
        _current = new PeerCredentials(own, chain, authority.Roots);
        _bundle = authority.Bundle;
        _renewAt = now + ((issued.NotAfter - now) * RenewedAfter);
        LogRenewed(issued.NotAfter);
    }

    [LoggerMessage(3311, LogLevel.Information, "The certificate of this silo's ports is of the mesh's authority and ends {ExpiresAt:u}")]
    private partial void LogRenewed(DateTimeOffset expiresAt);

    [LoggerMessage(3312, LogLevel.Warning, "The certificate of this silo's ports, which ends {ExpiresAt:u}, could not be renewed: {Reason}")]
    private partial void LogNotRenewed(DateTimeOffset expiresAt, string reason);
}
