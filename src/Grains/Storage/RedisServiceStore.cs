using System.Runtime.CompilerServices;
using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>
/// The region's state in Redis, or anything that speaks its protocol. A call is never repeated here: a write that was
/// not answered may have been stored, or may still be, and only its caller can tell, by reading the record again.
/// </summary>
/// <param name="writes">The connection that writes are made on, when it is one of their own.</param>
/// <param name="replicas">Who waits for the replicas; null when writes do not.</param>
internal sealed class RedisServiceStore(
    RedisCalls calls, RedisKeys keys, ILogger<RedisServiceStore> logger, RedisCalls? writes = null, ReplicaConfirmation? replicas = null) : IServiceStore
{
    /// <summary>How many changes of its spec a service remembers.</summary>
    public const int KeptRevisions = 100;

    /// <summary>The largest record, in bytes of JSON: a server that is busy with a larger one keeps everybody waiting.</summary>
    public const int MaxRecordBytes = 4 << 20;

    /// <summary>The field of a service's hash that holds its record.</summary>
    public const string Record = "record";

    /// <summary>Records and revisions hold whole specs: few at a time, so that no answer gets huge.</summary>
    private const int SpecsPerPage = 50;

    private readonly ChangeLog _log = new(calls, keys, logger);

    public async Task<ServiceRecord?> Read(ServiceName service)
    {
        var key = keys.Service(service);
        var json = await calls.Do(redis => redis.HashGetAsync(key, Record, RedisCalls.Primary));
        return json.IsNull ? null : StoredJson.Decode<ServiceRecord>(json, key);
    }

    public async Task<long> ReadCurrentRevision(ServiceName service)
    {
        var revision = await calls.Do(redis => redis.HashGetAsync(keys.Service(service), "revision", RedisCalls.Primary));
        return revision.IsNull ? 0 : (long)revision;
    }

    public async Task<bool> Write(ServiceRecord record, long expectedRevision, CatalogEntry entry, ServiceRevision? revision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(record.Revision, expectedRevision);
        if (entry.Service != record.Service)
        {
            throw new ArgumentException($"The catalog entry is of {entry.Service}, the record of {record.Service}.", nameof(entry));
        }

        var service = record.Service;
        var json = MeshJson.Encode(record);
        if (json.Length > MaxRecordBytes)
        {
            throw new InvalidOperationException(
                $"{service} is too large to be stored: {json.Length} bytes of JSON, at most {MaxRecordBytes}. Give it fewer rules or endpoints.");
        }

        var shard = RedisKeys.ShardOf(service);
        RedisKey[] touched =
        [
            keys.Service(service), keys.Revisions(service), keys.Catalog(shard), keys.Log(shard), keys.Sequence(shard),
            keys.Digests(shard),
        ];
        RedisValue[] arguments =
        [
            expectedRevision, record.Revision, service.ToString(), json, StoredJson.Encode(entry),
            revision?.Revision ?? RedisValue.EmptyString, revision is null ? RedisValue.EmptyString : StoredJson.Encode(revision),
            KeptRevisions, Guid.NewGuid().ToString("n"), keys.Changes.ToString(),
            new ShardDigest(ServiceDigest.Of(record)).ToString(),
        ];
        var connection = replicas?.Connection ?? 0;
        var stored = await (writes ?? calls).Do(redis => redis.ScriptEvaluateAsync(Scripts.Write, touched, arguments, RedisCalls.Primary));
        if ((int)stored != 1)
        {
            return false;
        }

        if (replicas is not null)
        {
            await replicas.Confirm(connection);
        }

        return true;
    }

    public async Task<IReadOnlyList<ServiceRevision>> ReadRevisions(ServiceName service)
    {
        var key = keys.Revisions(service);
        var numbers = await calls.Do(redis => redis.HashKeysAsync(key, RedisCalls.Primary));
        var newestFirst = numbers.OrderByDescending(static number => (long)number).ToArray();

        var revisions = new List<ServiceRevision>(newestFirst.Length);
        foreach (var page in newestFirst.Chunk(SpecsPerPage))
        {
            var values = await calls.Do(redis => redis.HashGetAsync(key, page, RedisCalls.Primary));

            // One that a write has pushed out since the numbers were read is null.
            revisions.AddRange(values
                .Where(static json => !json.IsNull)
                .Select(json => StoredJson.Decode<ServiceRevision>(json, key) with { Spec = null }));
        }

        return revisions;
    }

    public async Task<ServiceRevision?> ReadRevision(ServiceName service, long revision)
    {
        var key = keys.Revisions(service);
        var json = await calls.Do(redis => redis.HashGetAsync(key, revision, RedisCalls.Primary));
        return json.IsNull ? null : StoredJson.Decode<ServiceRevision>(json, key);
    }

    public Task<CatalogChanges> ReadCatalog(CatalogCursor cursor) => _log.Read(cursor);

    public async Task<CatalogCursor> ReadCursor() => ChangeLog.ToCursor(await _log.ReadHeads());

    public IAsyncEnumerable<ServiceName> FindWithoutDigest(CancellationToken cancellationToken) => _log.FindWithoutDigest(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// The change log is the list of names: it comes in pages that are cheap and bounded for the server. A service that
    /// changes meanwhile moves to the log's end, so it is met twice at most and never missed.
    /// </remarks>
    public async IAsyncEnumerable<ServiceRecord> ReadAll([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var shard = 0; shard < RedisKeys.Shards; shard++)
        {
            var met = new HashSet<ServiceName>();
            await foreach (var page in _log.Pages(shard, after: 0, SpecsPerPage, cancellationToken))
            {
                var fresh = page.Select(static change => change.Service).Where(met.Add).ToArray();
                var records = await calls.Do(
                    redis => Task.WhenAll(fresh.Select(service => redis.HashGetAsync(keys.Service(service), Record, RedisCalls.Primary))),
                    cancellationToken);
                for (var i = 0; i < fresh.Length; i++)
                {
                    if (!records[i].IsNull && StoredJson.Decode<ServiceRecord>(records[i], keys.Service(fresh[i])) is { Spec: not null } record)
                    {
                        yield return record;
                    }
                }
            }
        }
    }

    public Task Ping() => calls.Do(static redis => redis.PingAsync(RedisCalls.Primary));
}
