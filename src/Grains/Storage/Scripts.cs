namespace Mesh.Grains.Storage;

/// <summary>
/// The Lua scripts. They keep to what Redis 6.2, Valkey and Garnet share, and declare every key they touch: Garnet
/// locks, and Redis Cluster routes by, the declared ones only.
/// </summary>
internal static class Scripts
{
    /// <summary>
    /// One write of a service, all or nothing; see <see cref="IServiceStore.Write"/>.
    /// KEYS: record, revisions, catalog, log, sequence, digests.
    /// ARGV: expected revision, new revision, service, record, catalog entry, revision to add or empty, its JSON,
    /// revisions to keep, epoch for a store that has none, channel, digest.
    /// Answers 1, or 0 when the expected revision is not the stored one.
    /// </summary>
    /// <remarks>
    /// Revisions are compared as text, and the sequence is formatted by hand: Lua's numbers are doubles, and its own
    /// text form has 14 digits only. The digest of the shard is the exclusive or of its services', in steps of 16 bits,
    /// which its bit operations can do.
    /// </remarks>
    public const string Write = """
        if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[1] then
          return 0
        end
        redis.call('HSETNX', KEYS[5], 'epoch', ARGV[9])
        local sequence = redis.call('HINCRBY', KEYS[5], 'last', 1)
        redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'record', ARGV[4])
        redis.call('HSET', KEYS[3], ARGV[3], ARGV[5])
        redis.call('ZADD', KEYS[4], string.format('%.0f', sequence), ARGV[3])
        if ARGV[6] ~= '' then
          redis.call('HSET', KEYS[2], ARGV[6], ARGV[7])
          local surplus = redis.call('HLEN', KEYS[2]) - tonumber(ARGV[8])
          if surplus > 0 then
            local revisions = redis.call('HKEYS', KEYS[2])
            table.sort(revisions, function(a, b) return tonumber(a) < tonumber(b) end)
            for i = 1, surplus do
              redis.call('HDEL', KEYS[2], revisions[i])
            end
          end
        end
        local zero = string.rep('0', 32)
        local before = redis.call('HGET', KEYS[6], ARGV[3]) or zero
        if before ~= ARGV[11] then
          local shard = redis.call('HGET', KEYS[5], 'digest') or zero
          local digest = ''
          for i = 1, 32, 4 do
            local function part(text) return tonumber(string.sub(text, i, i + 3), 16) end
            digest = digest .. string.format('%04x', bit.bxor(bit.bxor(part(shard), part(before)), part(ARGV[11])))
          end
          redis.call('HSET', KEYS[6], ARGV[3], ARGV[11])
          redis.call('HSET', KEYS[5], 'digest', digest)
        end
        redis.call('PUBLISH', ARGV[10], ARGV[3])
        return 1
        """;

    /// <summary>
    /// Reads a number ARGV[1] times and answers 1 when it changed meanwhile, which means that another script ran within
    /// this one, else 0. KEYS: a hash.
    /// </summary>
    public const string Watch = """
        local first = redis.call('HGET', KEYS[1], 'value')
        for i = 1, tonumber(ARGV[1]) do
          if redis.call('HGET', KEYS[1], 'value') ~= first then
            return 1
          end
        end
        return 0
        """;

    /// <summary>What <see cref="Watch"/> watches for. KEYS: the same hash, which expires a minute after the last change.</summary>
    public const string Change = """
        redis.call('HINCRBY', KEYS[1], 'value', 1)
        redis.call('EXPIRE', KEYS[1], 60)
        return 1
        """;

    /// <summary>
    /// Uses a join token for a key; see <see cref="Identity.IIdentityStore.UseToken"/>. KEYS: tokens, uses of this one.
    /// ARGV: id, key, uses allowed, now, seconds to keep the uses. Answers 1, 0 when it is used up, -1 when it is gone.
    /// </summary>
    public const string UseToken = """
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
          return -1
        end
        if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then
          return 1
        end
        if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then
          return 0
        end
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
        redis.call('EXPIRE', KEYS[2], ARGV[5])
        return 1
        """;

    /// <summary>
    /// Adds entries to a list of the audit log and removes the oldest; see <see cref="Audit.IAuditStore.Add"/>. KEYS: the
    /// list. ARGV: entries to keep, the entries. Answers 1.
    /// </summary>
    public const string AddAudit = """
        for i = 2, #ARGV do
          redis.call('ZADD', KEYS[1], '0', ARGV[i])
        end
        local surplus = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
        if surplus > 0 then
          redis.call('ZREMRANGEBYRANK', KEYS[1], '0', string.format('%.0f', surplus - 1))
        end
        return 1
        """;
}
