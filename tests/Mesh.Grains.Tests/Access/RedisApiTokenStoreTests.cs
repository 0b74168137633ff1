using Mesh.Abstractions.Access;
using Mesh.Grains.Access;
using Mesh.Grains.Storage;
using Mesh.Grains.Tests.Storage;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Tests.Access;

/// <summary>What the store does on any server; the classes below it say on which.</summary>
public abstract class RedisApiTokenStoreTests : IDisposable
{
    private readonly TestStore _region;
    private readonly RecordingLog _log = new(typeof(EntryReader).FullName!);
    private readonly LoggerFactory _loggers;
    private readonly RedisApiTokenStore _store;

    protected RedisApiTokenStoreTests(StoreFixture fixture)
    {
        _region = fixture.NewRegion();
        _loggers = new LoggerFactory([_log]);
        _store = new RedisApiTokenStore(
            new RedisCalls(fixture.Multiplexer, "the test's Redis", TimeProvider.System) { Limit = StoreFixture.Patience },
            _region.Keys,
            new EntryReader(TimeProvider.System, _loggers.CreateLogger<EntryReader>()));
    }

    public void Dispose()
    {
        _loggers.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Tokens_that_cannot_be_read_hide_no_others_and_are_logged_once()
    {
        var token = Token("0123456789abcdef");
        await _store.Add(token);
        await _region.Redis.HashSetAsync(
            _region.Keys.ApiTokens,
            [
                new("damaged", "nonsense"),
                new("fedcba9876543210", System.Text.Encoding.UTF8.GetString(Mesh.Abstractions.Json.MeshJson.Encode(token))),
                new("0000000000000000", """{"id":"0000000000000000","role":"auditor"}"""),
            ]);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("0123456789abcdef", Assert.Single(await _store.ReadAll()).Id);
        }

        Assert.Contains("remove that entry", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.True(await _store.Remove("0123456789abcdef"));
        Assert.Empty(await _store.ReadAll());
    }

    private static StoredApiToken Token(string id) => new()
    {
        Id = id,
        Hash = "",
        Name = "ci",
        Role = ApiRole.Viewer,
        Namespaces = ["shop"],
        CreatedAt = DateTimeOffset.UnixEpoch,
        ExpiresAt = DateTimeOffset.MaxValue,
        CreatedBy = "admin",
    };
}

/// <summary>On Garnet, as the silo hosts it.</summary>
public sealed class GarnetApiTokenStoreTests(GarnetFixture fixture) : RedisApiTokenStoreTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>On a real redis-server.</summary>
public sealed class RedisServerApiTokenStoreTests(RedisServerFixture fixture) : RedisApiTokenStoreTests(fixture), IClassFixture<RedisServerFixture>;
