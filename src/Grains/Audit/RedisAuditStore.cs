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
internal sealed class RedisAuditStore(RedisCalls calls, RedisKeys keys, EntryReader reader) : IAuditStore
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
        var found = new List<AuditEntry>();
        RedisValue end = before ?? default(RedisValue);
        while (true)
        {
            var wanted = count - found.Count;
            var members = await calls.Do(redis => redis.SortedSetRangeByValueAsync(
                key, min: default, max: end, Exclude.Stop, Order.Descending, skip: 0, take: wanted, RedisCalls.Primary));
            found.AddRange(reader.Read(key, members, Decode));
            if (found.Count == count || members.Length < wanted)
            {
                return found;
            }

            // Some could not be read: a page is shorter at the end of the list only.
            end = members[^1];
        }
    }

    private static RedisValue Encode(AuditEntry entry) => $"{entry.Id} {Encoding.UTF8.GetString(MeshJson.Encode(entry))}";

    private static AuditEntry Decode(RedisValue member)
    {
        var bytes = (ReadOnlyMemory<byte>)member;
        var idLength = Math.Min(bytes.Length, AuditId.Length);
        return StoredJson.DecodeEntry<AuditEntry>(bytes[idLength..], Encoding.UTF8.GetString(bytes.Span[..idLength]));
    }
}
