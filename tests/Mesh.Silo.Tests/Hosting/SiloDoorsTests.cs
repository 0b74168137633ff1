using System.Security.Cryptography;
using Mesh.Abstractions.Connections;
using Mesh.Silo.Hosting;
using Mesh.Silo.Identity;
using Mesh.Silo.Store;
using Mesh.Silo.Tests.Store;
using Mesh.Testing;
using Mesh.Testing.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Hosting;

/// <summary>Silos of one region that open their doors: by what they share, or not at all.</summary>
public sealed class SiloDoorsTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly PeerAuthority _authority = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private RedisServer _redis = null!;
    private StoreConnection _store = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_directory.Data);
        _authority.Write(_directory.Data, PeerIdentity.OfSilo(PeerAuthority.TrustDomain));
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

    [Theory]
    [InlineData("On")]
    [InlineData("Required")]
    public async Task With_files_and_keys_of_its_own_a_second_silo_is_told_to_share_the_secret(string mode)
    {
        await Open(mode, "one", hasFiles: true);

        var exception = await Assert.ThrowsAsync<SiloStartException>(() => Open(mode, "two", hasFiles: true));

        Assert.Contains("Mesh:Silo:Secret", exception.Message, StringComparison.Ordinal);
        Assert.Contains("silo-secret", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("authority cannot give", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("delete the authority", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_files_and_the_secret_silos_need_no_keys_in_common()
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

        Assert.Equal((await Open("On", "one", hasFiles: true, secret)).Secret, (await Open("On", "two", hasFiles: true, secret)).Secret);
        Assert.False(await _store.Multiplexer.GetDatabase().KeyExistsAsync(_store.Keys.SiloSecret));
    }

    [Fact]
    public async Task A_damaged_authority_is_told_at_the_start_in_one_message()
    {
        await Open("Required", "one");
        await _store.Multiplexer.GetDatabase().HashSetAsync(_store.Keys.Authorities, "2", "{ torn");

        var exception = await Assert.ThrowsAsync<SiloStartException>(() => Open("Required", "one"));

        Assert.Contains(_store.Keys.Authorities.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_starts_after_a_loss_waits_for_those_that_put_back_what_they_share()
    {
        var first = await Open("Required", "one");
        await _redis.Command("FLUSHALL");

        // On one connection, so that it has seen what the store lacks before anything is put back.
        var starting = Open("Required", "one");
        await first.Identity.KeepStored();
        await first.Stored!.KeepStored();
        await Passes("it starts", starting);

        var second = await starting;
        Assert.Equal(first.Secret, second.Secret);
        Assert.Equal((await first.Identity.Get()).Bundle, (await second.Identity.Get()).Bundle);
    }

    [Fact]
    public async Task Where_nobody_is_left_to_put_them_back_they_are_made_anew()
    {
        var first = await Open("Required", "one");
        await _redis.Command("FLUSHALL");

        var starting = Open("Required", "one");
        await Passes("it starts", starting);

        Assert.NotEqual(first.Secret, (await starting).Secret);
    }

    private Task Passes(string what, Task task) => Eventually.Holds(what, () =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return task.IsCompleted;
    });

    private async Task<Opened> Open(string mode, string keys, bool hasFiles = false, string? secret = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Mesh:Silo:Tls:Mode"] = mode,
            ["Mesh:Silo:Secret"] = secret,
            ["Mesh:Identity:DataProtection:Directory"] = Path.Combine(_directory.Data, keys),
        };
        if (hasFiles)
        {
            settings["Mesh:Silo:Tls:Certificate"] = Path.Combine(_directory.Data, "cert.pem");
            settings["Mesh:Silo:Tls:Key"] = Path.Combine(_directory.Data, "key.pem");
            settings["Mesh:Silo:Tls:Roots"] = Path.Combine(_directory.Data, "roots.pem");
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var identity = RegionIdentity.Open(configuration, _store, NullLoggerFactory.Instance, _time);
        var options = configuration.GetSection(SiloOptions.Section).Get<SiloOptions>()!;
        var doors = await SiloDoors.Open(options, identity, _store, NullLoggerFactory.Instance, _time);
        return new Opened(doors.Secret, doors.Stored, identity.Authority);
    }

    private sealed record Opened(byte[] Secret, ClusterSecret? Stored, Grains.Identity.AuthorityKeeper Identity);
}
