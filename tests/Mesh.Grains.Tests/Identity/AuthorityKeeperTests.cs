using System.Security.Cryptography;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Identity;
using Mesh.Silo.Identity;
using Mesh.Testing.Cluster;
using Mesh.Testing.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Grains.Tests.Identity;

public sealed class AuthorityKeeperTests : IDisposable
{
    private static readonly AuthoritySettings SelfMade = new("mesh.local", null, null, null);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-authority-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryIdentityStore _store = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Silos_that_start_at_once_agree_on_one_authority_and_a_restart_keeps_it()
    {
        var bundles = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => (await Keeper().Get()).Bundle)));
        Assert.Single(bundles.Append((await Keeper().Get()).Bundle).Distinct());
    }

    [Fact]
    public async Task The_key_is_encrypted_in_the_store_and_keys_elsewhere_do_not_open_it()
    {
        await Keeper().Get();
        var stored = Assert.Single(await _store.ReadAuthorities());
        using var key = ECDsa.Create();
        Assert.ThrowsAny<CryptographicException>(() => key.ImportPkcs8PrivateKey(Convert.FromBase64String(stored.ProtectedKey), out _));

        var exception = await Assert.ThrowsAsync<AuthorityException>(() => Keeper(vault: "elsewhere").Get());
        Assert.Contains("Mesh:Identity:DataProtection:Directory", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encryption_keys_are_for_this_user_only()
    {
        new DataProtectionVault(Path.Combine(_directory.FullName, "keys")).Protect([1]);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.Combine(_directory.FullName, "keys")));
        }
    }

    [Fact]
    public async Task A_new_root_is_trusted_first_signs_later_and_the_old_one_ends_with_its_certificates()
    {
        var keeper = Keeper();
        var before = (await keeper.Get()).Bundle;
        await keeper.Rotate(TimeSpan.FromHours(1));

        // Both are trusted, the old one signs; another silo sees it within a minute.
        Assert.Equal(2, await Trusted(keeper));
        await AssertSignedBy(keeper, before);
        await Assert.ThrowsAsync<AuthorityException>(() => keeper.Rotate(TimeSpan.FromHours(1)));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, await Trusted(keeper));
        await AssertSignedBy(keeper, (await keeper.Get()).Bundle.Replace(before, "", StringComparison.Ordinal));

        // What the old one signed last is valid for another day.
        _time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(2, await Trusted(keeper));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await Trusted(keeper));
        Assert.DoesNotContain(before, (await keeper.Get()).Bundle, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_files_are_used_within_a_minute_and_broken_ones_never()
    {
        var (first, second) = (TestAuthority.Make(_time.GetUtcNow()), TestAuthority.Make(_time.GetUtcNow()));
        var settings = Write(first, second.Pem);
        var keeper = Keeper(settings);
        await AssertSignedBy(keeper, first.Pem);

        Write(second, first.Pem);
        _time.Advance(AuthorityKeeper.Period);
        await AssertSignedBy(keeper, second.Pem);

        await File.WriteAllTextAsync(settings.KeyPath!, first.Key, TestContext.Current.CancellationToken);
        _time.Advance(AuthorityKeeper.Period);
        await AssertSignedBy(keeper, second.Pem);
        await Assert.ThrowsAsync<AuthorityException>(() => Keeper(settings).Get());
        await Assert.ThrowsAsync<AuthorityException>(() => keeper.Rotate(TimeSpan.FromHours(1)));
    }

    private AuthorityKeeper Keeper(AuthoritySettings? settings = null, string vault = "keys") => new(
        settings ?? SelfMade, _store, new DataProtectionVault(Path.Combine(_directory.FullName, vault)), _time, NullLogger<AuthorityKeeper>.Instance);

    private AuthoritySettings Write(TestAuthority authority, string roots)
    {
        string Save(string name, string text)
        {
            var path = Path.Combine(_directory.FullName, name);
            File.WriteAllText(path, text);
            return path;
        }

        return new AuthoritySettings("mesh.local", Save("ca.pem", authority.Pem), Save("ca.key", authority.Key), Save("roots.pem", roots));
    }

    private static async Task<int> Trusted(AuthorityKeeper keeper) => (await keeper.Get()).Roots.Count;

    private async Task AssertSignedBy(AuthorityKeeper keeper, string root)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SigningRequest.TryRead(SigningRequest.Create(key), out var publicKey, out _);
        var (_, chain, _, _) = (await keeper.Get()).Issuing.Issue(publicKey!, "mesh.local", ServiceName.Parse("shop/web"), _time.GetUtcNow());
        Assert.True(Pem.TryReadCertificates(chain, out var certificates));
        Assert.True(Pem.TryReadCertificates(root, out var roots));
        Assert.True(
            IdentityCheck.TryVerify(certificates[0], certificates, roots, isServer: false, "mesh.local", _time.GetUtcNow(), out _, out var problem), problem);
    }
}
