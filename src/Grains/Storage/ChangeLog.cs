using System.Runtime.CompilerServices;
using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Naming;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>
/// Reads the change log: per shard a sorted set with one member per service, scored with the sequence number of its
/// last change. A reader asks for what is above its cursor and gets each service once, however often it changed.
/// </summary>
internal sealed partial class ChangeLog(RedisCalls calls, RedisKeys keys, ILogger logger)
{
    /// <summary>Catalog entries are small.</summary>
    private const int EntriesPerPage = 500;

    private static readonly RedisValue[] HeadFields = ["epoch", "last", "digest"];

    public async Task<CatalogChanges> Read(CatalogCursor cursor)
    {
        // The heads come first: whatever is logged after this moment lies above them and is found next time at the latest.
        var heads = await ReadHeads();
        var isReset = ToCursor(heads).HasLost(cursor);
        var from = isReset ? CatalogCursor.Start : cursor;

        var shards = await Task.WhenAll(heads.Select((head, shard) => ReadShard(shard, head, SequenceOf(from, shard))));
        return new CatalogChanges(
            [.. shards.SelectMany(static shard => shard.Entries)],
            ToCursor(heads) with { Sequences = [.. shards.Select(static shard => shard.Sequence)] },
            isReset);
    }

    public Task<ShardHead[]> ReadHeads(CancellationToken cancellationToken = default) => calls.Do(
        redis => Task.WhenAll(Enumerable.Range(0, RedisKeys.Shards).Select(shard => ReadHead(redis, shard))), cancellationToken);

    public static CatalogCursor ToCursor(IReadOnlyList<ShardHead> heads) =>
        new([.. heads.Select(static head => head.Last)]) { Epochs = [.. heads.Select(static head => head.Epoch)] };

    /// <inheritdoc cref="IServiceStore.FindWithoutDigest"/>
    public async IAsyncEnumerable<ServiceName> FindWithoutDigest([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var shard = 0; shard < RedisKeys.Shards; shard++)
        {
            if (await HaveAllDigests(shard, cancellationToken))
            {
                continue;
            }

            await foreach (var page in Pages(shard, after: 0, EntriesPerPage, cancellationToken))
            {
                var names = page.Select(static change => change.Service).ToList();
                var digests = names.Count == 0 ? [] : await ReadDigests(shard, names, cancellationToken);
                foreach (var service in names.Where((_, i) => digests[i] is null))
                {
                    yield return service;
                }
            }
        }
    }

    /// <summary>The digests of services of one shard, in their order; null where there is none.</summary>
    public async Task<string?[]> ReadDigests(int shard, IReadOnlyList<ServiceName> services, CancellationToken cancellationToken)
    {
        RedisValue[] names = [.. services.Select(static service => (RedisValue)service.ToString())];
        var digests = await calls.Do(redis => redis.HashGetAsync(keys.Digests(shard), names, RedisCalls.Primary), cancellationToken);
        return [.. digests.Select(static digest => (string?)digest)];
    }

    /// <summary>The changes of a shard above <paramref name="after"/>, oldest first, in pages of at most <paramref name="size"/>.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LoggedChange>> Pages(
        int shard, long after, int size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SortedSetEntry[] page;
        do
        {
            var start = after;
            page = await calls.Do(
                redis => redis.SortedSetRangeByScoreWithScoresAsync(
                    keys.Log(shard), start, double.PositiveInfinity, Exclude.Start, Order.Ascending, 0, size, RedisCalls.Primary),
                cancellationToken);
            var changes = new List<LoggedChange>(page.Length);
            foreach (var entry in page)
            {
                after = (long)entry.Score;
                if (ServiceName.TryParse(entry.Element, out var service))
                {
                    changes.Add(new LoggedChange(service, after));
                }
                else
                {
                    LogBadName(keys.Log(shard).ToString(), entry.Element.ToString());
                }
            }

            yield return changes;
        }
        while (page.Length == size);
    }

    private Task<bool> HaveAllDigests(int shard, CancellationToken cancellationToken) => calls.Do(
        async redis =>
        {
            var counts = await Task.WhenAll(
                redis.SortedSetLengthAsync(keys.Log(shard), flags: RedisCalls.Primary),
                redis.HashLengthAsync(keys.Digests(shard), RedisCalls.Primary));
            return counts[0] <= counts[1];
        },
        cancellationToken);

    private async Task<ShardHead> ReadHead(IDatabase redis, int shard)
    {
        var fields = await redis.HashGetAsync(keys.Sequence(shard), HeadFields, RedisCalls.Primary);
        return new ShardHead(fields[0].IsNull ? "" : fields[0].ToString(), fields[1].IsNull ? 0 : (long)fields[1], (string?)fields[2]);
    }

    private async Task<(List<CatalogEntry> Entries, long Sequence)> ReadShard(int shard, ShardHead head, long after)
    {
        var entries = new List<CatalogEntry>();
        var last = Math.Max(after, head.Last);
        if (last == after)
        {
            return (entries, last);
        }

        await foreach (var page in Pages(shard, after, EntriesPerPage, CancellationToken.None))
        {
            if (page.Count == 0)
            {
                continue;
            }

            last = Math.Max(last, page[^1].Sequence);
            RedisValue[] names = [.. page.Select(static change => (RedisValue)change.Service.ToString())];
            var values = await calls.Do(redis => redis.HashGetAsync(keys.Catalog(shard), names, RedisCalls.Primary));
            foreach (var (change, json) in page.Zip(values))
            {
                Add(entries, change.Service, json, shard);
            }
        }

        return (entries, last);
    }

    /// <summary>One entry that cannot be read must not hide all others from every proxy: it is logged and left out.</summary>
    private void Add(List<CatalogEntry> entries, ServiceName service, RedisValue json, int shard)
    {
        try
        {
            entries.Add(StoredJson.Decode<CatalogEntry>(json, keys.Catalog(shard)));
        }
        catch (InvalidDataException exception)
        {
            LogBadEntry(exception, service);
        }
    }

    private static long SequenceOf(CatalogCursor cursor, int shard) =>
        shard < cursor.Sequences.Count ? cursor.Sequences[shard] : 0;

    [LoggerMessage(Level = LogLevel.Error, Message = "The change log {Key} has an entry that is not a service and is left out: {Name}")]
    private partial void LogBadName(string key, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The catalog entry of {Service} cannot be read and is left out; the next change of the service writes it anew")]
    private partial void LogBadEntry(Exception exception, ServiceName service);
}
