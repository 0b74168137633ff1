using System.Security.Cryptography;
using Mesh.Abstractions.Identity;

namespace Mesh.Proxy.Identity;

/// <summary>
/// Gets the proxy its certificate and the next ones, in the background: forwarding never waits for it. Between
/// renewals it looks for new roots. Whatever fails is tried again, and what is held stays in use until it expires.
/// </summary>
/// <param name="expected">The identity the proxy must have; null for whichever it gets.</param>
/// <param name="file">Null to keep the identity in memory only.</param>
internal sealed partial class IdentityKeeper(
    ProxyIdentity identity,
    IdentityOptions options,
    string? expected,
    ICertificateIssuer source,
    IdentityFile? file,
    Random random,
    TimeProvider time,
    ILogger<IdentityKeeper> logger) : BackgroundService
{
    /// <summary>A new root is trusted everywhere this long after it was made, at the latest; it signs later than that.</summary>
    public static readonly TimeSpan BundlePeriod = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly IdentityProof _proof = new(options);

    /// <summary>The key that was last asked for; it stays the same until there is an answer, since a join token knows it again.</summary>
    private ECDsa? _pending;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the host must not wait for the disk.
        await Task.Yield();
        try
        {
            Load();
            var bundleAt = time.GetUtcNow();
            var failures = 0;
            while (true)
            {
                try
                {
                    if (identity.RenewAt is not { } renewAt || renewAt <= time.GetUtcNow())
                    {
                        await Renew(stoppingToken);
                        bundleAt = time.GetUtcNow() + BundlePeriod;
                    }
                    else if (bundleAt <= time.GetUtcNow())
                    {
                        await RefreshBundle(stoppingToken);
                        bundleAt = time.GetUtcNow() + BundlePeriod;
                    }

                    failures = 0;
                }
                catch (IdentityException exception)
                {
                    failures++;
                    identity.Failed(exception.Message, time.GetUtcNow());
                    LogFailed(exception.Message);
                }

                DropExpired();
                await Task.Delay(failures > 0 ? RetryDelay(failures) : UntilNext(bundleAt), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
        finally
        {
            _pending?.Dispose();
        }
    }

    private void Load()
    {
        try
        {
            if (file?.Read() is { } held && held.Issued.NotAfter > time.GetUtcNow() && (expected is null || held.Issued.Identity == expected))
            {
                identity.Use(held, held.RenewAt(random));
                LogHeld(held.Issued.Identity, held.Issued.NotAfter);
            }
        }
        catch (IdentityException exception)
        {
            LogFailed(exception.Message);
        }
    }

    private async Task Renew(CancellationToken stoppingToken)
    {
        _pending ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var csr = SigningRequest.Create(_pending);
        var issued = await Ask(csr, stoppingToken);
        if (expected is not null && issued.Identity != expected)
        {
            throw new IdentityException(
                $"The proof is of {issued.Identity}, and this proxy's application is {expected} (Mesh:App:Service, Mesh:TrustDomain). Use a token of that service.");
        }

        var held = HeldIdentity.Create(issued, _pending.ExportPkcs8PrivateKeyPem());
        _pending.Dispose();
        _pending = null;
        Save(held);
        identity.Use(held, held.RenewAt(random));
        identity.Renewed();
        LogHeld(issued.Identity, issued.NotAfter);
    }

    /// <summary>By the certificate that is held as long as that does, else by what the operator gave.</summary>
    private async Task<IssuedCertificate> Ask(string csr, CancellationToken stoppingToken)
    {
        if (identity.Held is { } held)
        {
            try
            {
                return await source.Issue(IdentityProof.Renewal(csr, held.Issued.Chain, held.Key), stoppingToken);
            }
            catch (IdentityException exception) when (exception.IsRefused)
            {
                // Of another authority than before, perhaps.
                LogFailed(exception.Message);
            }
        }

        return await source.Issue(_proof.Initial(csr), stoppingToken);
    }

    private async Task RefreshBundle(CancellationToken stoppingToken)
    {
        var bundle = await source.ReadBundle(stoppingToken);
        if (identity.Held is { } held && bundle.TrustDomain == identity.TrustDomain && bundle.Bundle != held.Issued.Bundle)
        {
            var changed = held.WithBundle(bundle.Bundle);
            Save(changed);
            identity.Use(changed, identity.RenewAt);
            LogBundle(changed.Credentials.Roots.Count);
        }
    }

    private void Save(HeldIdentity held)
    {
        try
        {
            file?.Write(held);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(file!.Path, exception.Message);
        }
    }

    private void DropExpired()
    {
        if (identity.Held is { } held && held.Issued.NotAfter <= time.GetUtcNow())
        {
            identity.Use(null, null);
            LogExpired(held.Issued.Identity);
        }
    }

    private TimeSpan UntilNext(DateTimeOffset bundleAt)
    {
        var next = identity.RenewAt is { } renewAt && renewAt < bundleAt ? renewAt : bundleAt;
        var wait = next - time.GetUtcNow();
        return wait < FirstRetry ? FirstRetry : wait;
    }

    /// <summary>1 s, doubled up to a minute, of which half is left to chance.</summary>
    private TimeSpan RetryDelay(int failures)
    {
        var longest = Math.Min(FirstRetry.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 10)), LongestRetry.TotalSeconds);
        return TimeSpan.FromSeconds(longest * (0.5 + (0.5 * random.NextDouble())));
    }

    [LoggerMessage(2701, LogLevel.Information, "This proxy is {Identity}, by a certificate that is valid until {NotAfter:u}")]
    private partial void LogHeld(string identity, DateTimeOffset notAfter);

    [LoggerMessage(2702, LogLevel.Warning, "No new certificate: {Reason}. Trying again")]
    private partial void LogFailed(string reason);

    [LoggerMessage(2703, LogLevel.Warning, "The certificate could not be kept in {Path}, and a restart needs a new proof: {Reason}")]
    private partial void LogNotSaved(string path, string reason);

    [LoggerMessage(2704, LogLevel.Error, "The certificate of {Identity} has expired; connections are plaintext until there is a new one")]
    private partial void LogExpired(string identity);

    [LoggerMessage(2705, LogLevel.Information, "The roots of the trust domain have changed; there are {Count}")]
    private partial void LogBundle(int count);
}
