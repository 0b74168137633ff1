using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Grains;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Identity;

/// <summary>
/// This silo's copy of the authority: from files, or from the store, where the first silo that needs one puts it. It is
/// looked at again every minute, so that a changed file or a new root is used without a restart; what cannot be used
/// leaves the last good one in place. What was in the store is remembered as it was, encrypted, and put back when the store
/// has lost it (<see cref="KeepStored"/>): with another root in its place, no identity that was given before would be good.
/// </summary>
internal sealed partial class AuthorityKeeper(
    AuthoritySettings settings, IIdentityStore store, IKeyVault vault, TimeProvider time, ILogger<AuthorityKeeper> logger) : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _loading = new(1);
    private volatile Tuple<AuthoritySet, DateTimeOffset>? _loaded;

    /// <summary>What the store had last. Used by who holds <see cref="_loading"/>.</summary>
    private IReadOnlyList<StoredAuthority> _stored = [];

    public string TrustDomain => settings.TrustDomain;

    /// <exception cref="AuthorityException">There never was one that could be used.</exception>
    /// <exception cref="StoreUnavailableException">It is in the store, which does not answer, and was never read.</exception>
    public async Task<AuthoritySet> Get()
    {
        var known = _loaded;
        if (known is not null && time.GetUtcNow() - known.Item2 is var age && age >= TimeSpan.Zero && age < Period)
        {
            return known.Item1;
        }

        // Whoever has one to go on with does not wait for another's look.
        if (!await _loading.WaitAsync(known is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero))
        {
            return known!.Item1;
        }

        try
        {
            if (ReferenceEquals(known, _loaded))
            {
                await Load(known?.Item1);
            }

            return _loaded!.Item1;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Makes the next root, trusted from now on, signing after <paramref name="delay"/>.</summary>
    /// <returns>When it begins to sign.</returns>
    /// <exception cref="AuthorityException">The authority is not one that Mesh made, or another change is under way.</exception>
    public async Task<DateTimeOffset> Rotate(TimeSpan delay)
    {
        if (settings.CertificatePath is not null)
        {
            throw new AuthorityException(
                "The authority comes from files (Mesh:Identity:Ca). Add the new root to Mesh:Identity:Ca:Roots first, and change the signing certificate an hour later.");
        }

        // Makes the first one, and puts back what the store has lost: the next one counts on from there.
        await Get();
        await KeepStored();
        var stored = await ReadStored();
        var now = time.GetUtcNow();
        var newest = stored.MaxBy(static one => one.Generation)
            ?? throw new AuthorityException("The store has lost the authority at this moment. Ask again.");
        if (newest.SignsFrom > now)
        {
            throw new AuthorityException($"A change of the root is under way already: the new one signs from {newest.SignsFrom:u}.");
        }

        var next = SelfMadeAuthority.Make(newest.Generation + 1, now + delay, now, vault);
        if (!await store.AddAuthority(next))
        {
            throw new AuthorityException("Somebody else has begun to change the root at this moment.");
        }

        LogRotating(settings.TrustDomain, next.SignsFrom);
        _loaded = Tuple.Create(_loaded!.Item1, DateTimeOffset.MinValue);
        return next.SignsFrom;
    }

    /// <summary>Remembers what is stored, or puts back what the store has lost. Makes nothing.</summary>
    /// <exception cref="AuthorityException">What is stored cannot be read.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task KeepStored()
    {
        if (settings.CertificatePath is not null)
        {
            return;
        }

        await _loading.WaitAsync();
        try
        {
            await ReadWhole();
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    private async Task Load(AuthoritySet? last)
    {
        try
        {
            _loaded = Tuple.Create(settings.CertificatePath is null ? await LoadStored() : await LoadFiles(), time.GetUtcNow());
        }
        catch (Exception exception) when (exception is AuthorityException or StoreUnavailableException && last is not null)
        {
            LogKept(exception.Message);
            _loaded = Tuple.Create(last, time.GetUtcNow());
        }
    }

    private async Task<AuthoritySet> LoadFiles()
    {
        var certificates = await Read("Mesh:Identity:Ca:Certificate", settings.CertificatePath!);
        var key = await Read("Mesh:Identity:Ca:Key", settings.KeyPath!);
        return AuthorityFiles.Read(certificates, key, await ReadRoots(), time.GetUtcNow());
    }

    private async Task<AuthoritySet> LoadStored()
    {
        var roots = AuthorityFiles.ReadRoots(await ReadRoots());
        var now = time.GetUtcNow();
        var stored = await ReadWhole();
        if (stored.Count == 0)
        {
            if (await store.AddAuthority(SelfMadeAuthority.Make(1, now, now, vault)))
            {
                LogMade(settings.TrustDomain);
            }

            // Another silo may have been first.
            stored = await ReadWhole();
        }

        try
        {
            return SelfMadeAuthority.Combine(stored, roots, now, vault);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            throw new AuthorityException("The authority in the store is damaged; restore the region's store from a backup.", exception);
        }
    }

    /// <summary>What is stored, and what was: whatever of that is gone is put back by the first silo that looks.</summary>
    private async Task<IReadOnlyList<StoredAuthority>> ReadWhole()
    {
        var stored = await ReadStored();
        var lost = SelfMadeAuthority.FindLost(_stored, stored, time.GetUtcNow());
        if (lost.Count > 0)
        {
            var added = 0;
            foreach (var one in lost)
            {
                added += await store.AddAuthority(one) ? 1 : 0;
            }

            if (added > 0)
            {
                LogPutBack(settings.TrustDomain, added);
            }

            stored = await ReadStored();
            _loaded = _loaded is { } known ? Tuple.Create(known.Item1, DateTimeOffset.MinValue) : null;
        }

        // Of a number that another silo took meanwhile nothing is forgotten: the next look finds the next one.
        _stored = SelfMadeAuthority.FindLost(_stored, stored, time.GetUtcNow()).Count == 0 ? stored : _stored;
        return stored;
    }

    private async Task<IReadOnlyList<StoredAuthority>> ReadStored()
    {
        try
        {
            return await store.ReadAuthorities();
        }
        catch (InvalidDataException exception)
        {
            throw new AuthorityException($"The authority in the store is damaged. {exception.Message}", exception);
        }
    }

    private async Task<string?> ReadRoots() => settings.RootsPath is null ? null : await Read("Mesh:Identity:Ca:Roots", settings.RootsPath);

    private static async Task<string> Read(string setting, string path)
    {
        try
        {
            return await File.ReadAllTextAsync(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuthorityException($"The file of {setting} cannot be read: {exception.Message}", exception);
        }
    }

    [LoggerMessage(1701, LogLevel.Information, "Made the certificate authority of trust domain {TrustDomain}; its key is encrypted in the region's store")]
    private partial void LogMade(string trustDomain);

    [LoggerMessage(1702, LogLevel.Warning, "The certificate authority could not be looked at again; the last one is used on: {Reason}")]
    private partial void LogKept(string reason);

    [LoggerMessage(1703, LogLevel.Information, "The root of trust domain {TrustDomain} is being changed; the new one signs from {From}")]
    private partial void LogRotating(string trustDomain, DateTimeOffset from);

    [LoggerMessage(1704, LogLevel.Warning, "The store has lost the certificate authority of trust domain {TrustDomain}, or a part of it. This silo has put back the {Count} roots it remembered; identities stay good")]
    private partial void LogPutBack(string trustDomain, int count);
}
