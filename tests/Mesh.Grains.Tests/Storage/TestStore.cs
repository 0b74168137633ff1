using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Mesh.Grains.Tests.Storage;

/// <summary>The store of one region, with the writes tests make.</summary>
internal sealed class TestStore
{
    public TestStore(IConnectionMultiplexer multiplexer, string region, TimeSpan limit)
    {
        Region = region;
        Redis = multiplexer.GetDatabase();
        Keys = new RedisKeys(region);
        var calls = new RedisCalls(multiplexer, "the test's Redis", TimeProvider.System) { Limit = limit };
        Services = new RedisServiceStore(calls, Keys, NullLogger<RedisServiceStore>.Instance);
        Feed = new RedisChangeFeed(multiplexer, Keys, NullLogger<RedisChangeFeed>.Instance);
    }

    public string Region { get; }

    public IDatabase Redis { get; }

    public RedisKeys Keys { get; }

    public IServiceStore Services { get; }

    public IChangeFeed Feed { get; }

    /// <summary>A record at <paramref name="revision"/> that tells itself from others by its <paramref name="host"/>.</summary>
    public static ServiceRecord Record(ServiceName service, long revision, string host = "web.example") => new()
    {
        Service = service,
        Revision = revision,
        SpecRevision = revision,
        UpdatedAt = DateTimeOffset.UnixEpoch.AddSeconds(revision),
        Spec = new ServiceSpec { Hosts = [host] },
    };

    /// <summary>Stores <paramref name="record"/> over the revision before it, with a catalog entry and a revision to match.</summary>
    public Task<bool> Write(ServiceRecord record, long? expectedRevision = null) => Services.Write(
        record,
        expectedRevision ?? record.Revision - 1,
        new CatalogEntry
        {
            Service = record.Service,
            Revision = record.Revision,
            SpecRevision = record.SpecRevision,
            Hosts = record.Spec?.Hosts ?? [],
            Deleted = record.Spec is null,
        },
        new ServiceRevision
        {
            Revision = record.Revision,
            At = record.UpdatedAt,
            Author = "test",
            Change = "put",
            Spec = record.Spec,
        });

    public async Task<List<ServiceRecord>> ReadAll()
    {
        var all = new List<ServiceRecord>();
        await foreach (var record in Services.ReadAll(TestContext.Current.CancellationToken))
        {
            all.Add(record);
        }

        return all;
    }
}
