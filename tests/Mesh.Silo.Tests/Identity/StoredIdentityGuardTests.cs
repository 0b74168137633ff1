using Mesh.Grains.Identity;
using Mesh.Grains.Storage;
using Mesh.Silo.Identity;
using Mesh.Silo.Store;
using Mesh.Silo.Tests.Store;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Silo.Tests.Identity;

/// <summary>What silos keep in the store for identities, in a store that loses it.</summary>
public sealed class StoredIdentityGuardTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly RecordingLog _log = new(typeof(ClusterSecret).FullName!);
    private RedisServer _redis = null!;
    private StoreConnection _store = null!;

    private IDatabase Redis => _store.Multiplexer.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _store = await StoreConnection.OpenAsync(
            new StoreOptions { Redis = _redis.ConnectionString }, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _redis.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Both_are_put_back_and_a_silo_that_starts_then_has_the_same()
    {
        var (guard, authority, secret) = await Silo();
        var bundle = (await authority.Get()).Bundle;
        await guard.Look();
        await _redis.Command("FLUSHALL");

        await guard.Look();

        var (_, other, same) = await Silo();
        Assert.Equal(secret!.Value, same!.Value);
        Assert.Equal(bundle, (await other.Get()).Bundle);
        Assert.Contains("has put back the one it remembered", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_secret_in_the_store_the_authority_is_kept_and_no_secret_is_made()
    {
        var (guard, authority, _) = await Silo(hasSecret: false);
        var bundle = (await authority.Get()).Bundle;
        await _redis.Command("FLUSHALL");

        await guard.Look();

        Assert.False(await Redis.KeyExistsAsync(_store.Keys.SiloSecret));
        Assert.Equal(bundle, (await (await Silo(hasSecret: false)).Authority.Get()).Bundle);
    }

    [Fact]
    public async Task A_field_that_is_damaged_keeps_the_rest_from_nothing()
    {
        var (guard, authority, secret) = await Silo();
        await authority.Get();
        await Redis.HashSetAsync(_store.Keys.Authorities, "2", "{ torn");
        await Redis.KeyDeleteAsync(_store.Keys.SiloSecret);

        await guard.Look();

        Assert.Equal(secret!.Value, (await Silo()).Secret!.Value);
        var exception = await Assert.ThrowsAsync<AuthorityException>(async () => await (await Silo()).Authority.Get());
        Assert.Contains(_store.Keys.Authorities.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_store_is_away_nothing_is_forgotten()
    {
        var (guard, authority, secret) = await Silo();
        var bundle = (await authority.Get()).Bundle;
        _redis.Kill();
        await guard.Look();
        await _redis.RestartEmpty();

        await Eventually.Holds("both are back", async () =>
        {
            await guard.Look();
            return await Redis.KeyExistsAsync([_store.Keys.Authorities, _store.Keys.SiloSecret]) == 2;
        });
        Assert.Equal(secret!.Value, (await Silo()).Secret!.Value);
        Assert.Equal(bundle, (await (await Silo()).Authority.Get()).Bundle);
    }

    [Fact]
    public async Task A_secret_that_is_another_one_is_told_once_and_left()
    {
        var (guard, _, _) = await Silo();
        await Redis.KeyDeleteAsync(_store.Keys.SiloSecret);
        var (_, _, another) = await Silo();

        await guard.Look();
        await guard.Look();

        Assert.Contains("Start this silo again", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.Equal(another!.Value, (await Silo()).Secret!.Value);
    }

    [Fact]
    public async Task A_secret_of_other_keys_is_told_by_its_name_and_the_authority_is_not_blamed()
    {
        await Silo();

        var exception = await Assert.ThrowsAsync<AuthorityException>(() => Silo(keys: "elsewhere"));

        Assert.Contains("Mesh:Silo:Secret", exception.Message, StringComparison.Ordinal);
        Assert.Contains(_store.Keys.SiloSecret.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("delete the authority", exception.Message, StringComparison.Ordinal);
    }

    private async Task<(StoredIdentityGuard Guard, AuthorityKeeper Authority, ClusterSecret? Secret)> Silo(bool hasSecret = true, string keys = "keys")
    {
        var vault = new DataProtectionVault(Path.Combine(_directory.Data, keys));
        var authority = new AuthorityKeeper(
            new AuthoritySettings("mesh.local", null, null, null), new RedisIdentityStore(_store.Calls, _store.Keys, new EntryReader(TimeProvider.System, NullLogger<EntryReader>.Instance)), vault, TimeProvider.System, NullLogger<AuthorityKeeper>.Instance);
        var secret = hasSecret ? await ClusterSecret.Open(_store.Calls, _store.Keys, vault, new Microsoft.Extensions.Logging.Logger<ClusterSecret>(new Microsoft.Extensions.Logging.LoggerFactory([_log]))) : null;
        return (new StoredIdentityGuard(authority, secret, TimeProvider.System, NullLogger<StoredIdentityGuard>.Instance), authority, secret);
    }
}
