using System.Text;
using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Json;
using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Grains.Audit;

/// <summary>
/// The audit log in the region's Redis: sorted sets whose members all have the score 0, and so sort as text, by the entry's
/// id that each begins with. An entry that is added twice, because the first answer was lost, is one member.
/// </summary>
internal sealed class RedisAuditStore(RedisCalls calls, RedisKeys keys) : IAuditStore
{
    public Task Add(AuditList list, IReadOnlyList<AuditEntry> entries, int keep)
    {
        RedisKey[] touched = [keys.Audit(list)];
        RedisValue[] arguments = [keep, .. entries.Select(Encode)];
        return calls.Do(redis => redis.ScriptEvaluateAsync(Scripts.AddAudit, touched, arguments, RedisCalls.Primary));
    }

    public async Task<IReadOnlyList<AuditEntry>> Read(AuditList list, string? before, int count)
    {
        var key = keys.Audit(list);
        var members = await calls.Do(redis => redis.SortedSetRangeByValueAsync(
            key, min: default, max: before ?? default(RedisValue), Exclude.Stop, Order.Descending, skip: 0, take: count, RedisCalls.Primary));
        return [.. members.Select(member => Decode(member, key))];
    }

    private static RedisValue Encode(AuditEntry entry) => $"{entry.Id} {Encoding.UTF8.GetString(MeshJson.Encode(entry))}";

    private static AuditEntry Decode(RedisValue member, RedisKey key)
    {
        var bytes = (ReadOnlyMemory<byte>)member;
        return StoredJson.Decode<AuditEntry>(bytes.Length > AuditId.Length ? bytes[AuditId.Length..] : bytes, key);
    }
}
