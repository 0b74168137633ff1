using System.Text.Json;
using Mesh.Abstractions.Json;
using StackExchange.Redis;

namespace Mesh.Contracts.Tests.Recording;

/// <summary>A region's keys in a file: hashes, sorted sets and strings, with their values as text.</summary>
internal sealed record RedisDump
{
    public required SortedDictionary<string, SortedDictionary<string, string>> Hashes { get; init; }

    public required SortedDictionary<string, SortedDictionary<string, double>> SortedSets { get; init; }

    public required SortedDictionary<string, string> Strings { get; init; }

    /// <param name="pattern">Which keys; membership tables are of processes that are gone, and are left out by it.</param>
    public static async Task<RedisDump> Take(string connection, string pattern)
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(connection);
        var redis = multiplexer.GetDatabase();
        var dump = new RedisDump { Hashes = new(StringComparer.Ordinal), SortedSets = new(StringComparer.Ordinal), Strings = new(StringComparer.Ordinal) };
        await foreach (var key in multiplexer.GetServers()[0].KeysAsync(pattern: pattern))
        {
            var name = key.ToString();
            switch (await redis.KeyTypeAsync(key))
            {
                case RedisType.Hash:
                    dump.Hashes[name] = Sort((await redis.HashGetAllAsync(key)).Select(static entry => ((string)entry.Name!, (string)entry.Value!)));
                    break;
                case RedisType.SortedSet:
                    dump.SortedSets[name] = Sort((await redis.SortedSetRangeByRankWithScoresAsync(key)).Select(static entry => ((string)entry.Element!, entry.Score)));
                    break;
                case RedisType.String:
                    dump.Strings[name] = (string)(await redis.StringGetAsync(key))!;
                    break;
                case var other:
                    throw new NotSupportedException($"{name} is a {other}");
            }
        }

        return dump;
    }

    public static RedisDump Load(int contract) => JsonSerializer.Deserialize<RedisDump>(ContractFolder.Read(contract, "redis.json"), MeshJson.Options)!;

    public async Task Restore(string connection)
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(connection);
        var redis = multiplexer.GetDatabase();
        foreach (var (key, fields) in Hashes)
        {
            await redis.HashSetAsync(key, [.. fields.Select(static field => new HashEntry(field.Key, field.Value))]);
        }

        foreach (var (key, members) in SortedSets)
        {
            await redis.SortedSetAddAsync(key, [.. members.Select(static member => new SortedSetEntry(member.Key, member.Value))]);
        }

        foreach (var (key, value) in Strings)
        {
            await redis.StringSetAsync(key, value);
        }
    }

    private static SortedDictionary<string, T> Sort<T>(IEnumerable<(string Key, T Value)> pairs) =>
        new(pairs.ToDictionary(static pair => pair.Key, static pair => pair.Value), StringComparer.Ordinal);
}
