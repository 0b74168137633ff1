using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Identity;
using Mesh.Grains.Security;
using Mesh.Grains.Security.Tokens;
using Mesh.Grains.Storage;
using Mesh.Silo.Identity;
using Mesh.Silo.Store;

namespace Mesh.Silo.Hosting;

/// <summary>Who may connect to the silo's own ports, and what proves that a call comes from another silo.</summary>
/// <param name="Certificates">Null without TLS.</param>
/// <param name="Secret">What only silos know; empty where nothing needs it.</param>
/// <param name="Stored">The same where it is in the store.</param>
internal sealed record SiloDoors(TlsOptions Tls, ICertificateSource? Certificates, byte[] Secret, ClusterSecret? Stored)
{
    /// <summary>Three looks of those that put back what the store has lost.</summary>
    private static readonly TimeSpan Patience = StoredIdentityGuard.Period * 3;

    /// <summary>From files and the configuration, or else from the mesh's own authority and the store.</summary>
    /// <exception cref="SiloStartException">Neither can be used.</exception>
    public static async Task<SiloDoors> Open(SiloOptions options, RegionIdentity identity, StoreConnection store, ILoggerFactory loggers, TimeProvider time)
    {
        var tls = new TlsOptions { Mode = options.Silo.Tls.Mode, TrustDomain = options.TrustDomain };
        var configured = options.Silo.Secret is { } text ? Convert.FromBase64String(text) : null;
        if (tls.Mode == TlsMode.Off)
        {
            return new SiloDoors(tls, null, configured ?? [], null);
        }

        await Try("the store cannot be asked for what silos share", async () =>
        {
            await AwaitOthers(options, identity, store, time);
            return true;
        });
        var certificates = options.Silo.Tls.Certificate is not null
            ? (ICertificateSource)OpenFiles(options, loggers, time)
            : await Try(
                "the mesh's authority cannot give this silo a certificate",
                () => SiloCertificate.Open(identity.Authority, time, loggers.CreateLogger<SiloCertificate>()));
        var stored = configured is not null ? null : await Try(
            "this silo cannot learn the secret by which silos know each other (Mesh:Silo:Secret is not set)",
            () => ClusterSecret.Open(store.Calls, store.Keys, identity.Vault, loggers.CreateLogger<ClusterSecret>()));
        return new SiloDoors(tls, certificates, configured ?? stored!.Value, stored);

        async Task<T> Try<T>(string what, Func<Task<T>> open)
        {
            try
            {
                return await open();
            }
            catch (Exception exception) when (exception is AuthorityException or StoreUnavailableException)
            {
                throw new SiloStartException($"Mesh:Silo:Tls:Mode is {tls.Mode}, and {what}: {exception.Message}", exception);
            }
        }
    }

    public ISiloBuilder Use(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(Tls);
        silo.Services.AddHostedService(provider => new StoredIdentityGuard(
            provider.GetRequiredService<AuthorityKeeper>(),
            Stored,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StoredIdentityGuard>>()));
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

    /// <summary>
    /// A store that lacks what silos share, in a region that has had it, has lost it. The silos that run put it back within a
    /// second; one that made its own meanwhile would be a stranger to them. Where none runs, nobody does, and it is made.
    /// </summary>
    private static async Task AwaitOthers(SiloOptions options, RegionIdentity identity, StoreConnection store, TimeProvider time)
    {
        var needsAuthority = options.Silo.Tls.Certificate is null && identity.Options.Identity.Ca.Certificate is null;
        if (string.IsNullOrWhiteSpace(store.Options.Redis) || !identity.Vault.HasKeys)
        {
            return;
        }

        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < Patience && await IsLacking())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
        }

        async Task<bool> IsLacking() =>
            (options.Silo.Secret is null && !await ClusterSecret.IsStored(store.Calls, store.Keys))
            || (needsAuthority && await store.Calls.Do(redis => redis.HashLengthAsync(store.Keys.Authorities, RedisCalls.Primary)) == 0);
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
