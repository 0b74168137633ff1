using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>
/// The names of a region's keys. A service's keys share a hash tag with its shard's catalog, log and sequence, so that
/// one script may touch them all on a Redis Cluster. The number of shards and the hash are part of the stored format:
/// changing either would lose every service.
/// </summary>
internal sealed class RedisKeys
{
    public const int Shards = 16;

    /// <summary>What the keys of every region begin with, unless <c>Mesh:RedisPrefix</c> says otherwise.</summary>
    public const string DefaultPrefix = "mesh";

    private readonly string[] _prefixes;
    private readonly RedisKey[] _catalogs;
    private readonly RedisKey[] _logs;
    private readonly RedisKey[] _sequences;
    private readonly RedisKey[] _digests;
    private readonly string _links;
    private readonly string _identity;
    private readonly string _audit;

    /// <exception cref="ArgumentException"><paramref name="region"/> or <paramref name="prefix"/> is not a DNS-1123 label.</exception>
    public RedisKeys(string region, string prefix = DefaultPrefix)
    {
        if (!DnsLabel.IsValid(region))
        {
            throw new ArgumentException($"'{region}' cannot be a region's name: it must be {DnsLabel.Rule}.", nameof(region));
        }

        if (!DnsLabel.IsValid(prefix))
        {
            throw new ArgumentException($"'{prefix}' cannot be the prefix of keys: it must be {DnsLabel.Rule}.", nameof(prefix));
        }

        _prefixes = [.. Enumerable.Range(0, Shards).Select(shard => $"{prefix}:{{{region}:{shard}}}:")];
        _catalogs = [.. _prefixes.Select(static name => (RedisKey)$"{name}catalog")];
        _logs = [.. _prefixes.Select(static name => (RedisKey)$"{name}log")];
        _sequences = [.. _prefixes.Select(static name => (RedisKey)$"{name}sequence")];
        _digests = [.. _prefixes.Select(static name => (RedisKey)$"{name}digests")];
        _links = $"{prefix}:{region}:links:";

        // Not under what peers may read.
        _identity = $"{prefix}:{region}:identity:{{{region}:identity}}:";
        _audit = $"{prefix}:{region}:audit:{{{region}:audit}}:";
        Changes = RedisChannel.Literal($"{prefix}:{region}:changes");
    }

    /// <summary>Where every write publishes the name of its service.</summary>
    public RedisChannel Changes { get; }

    /// <summary>Hash: <c>revision</c>, and <c>record</c> as JSON.</summary>
    public RedisKey Service(ServiceName service) => $"{_prefixes[ShardOf(service)]}service:{service}";

    /// <summary>Hash: revision to its JSON.</summary>
    public RedisKey Revisions(ServiceName service) => $"{_prefixes[ShardOf(service)]}revisions:{service}";

    /// <summary>Hash: service to its catalog entry as JSON.</summary>
    public RedisKey Catalog(int shard) => _catalogs[shard];

    /// <summary>Sorted set: service, scored with the sequence number of its last change.</summary>
    public RedisKey Log(int shard) => _logs[shard];

    /// <summary>
    /// Hash: <c>last</c>, the newest sequence number; <c>epoch</c>, which tells one life of the store from the next; and
    /// <c>digest</c>, the shard's <see cref="Regions.ShardDigest"/>.
    /// </summary>
    public RedisKey Sequence(int shard) => _sequences[shard];

    /// <summary>Hash: service to its <see cref="Regions.ServiceDigest"/>, 32 hexadecimal digits.</summary>
    public RedisKey Digests(int shard) => _digests[shard];

    /// <summary>String: how far the link to a peer region has come, as JSON.</summary>
    public RedisKey Link(string peer) => _links + peer;

    /// <summary>Hash: generation to an authority that Mesh made, as JSON; its private key is encrypted.</summary>
    public RedisKey Authorities => _identity + "authorities";

    /// <summary>Hash: id to a join token as JSON, with a digest of its secret.</summary>
    public RedisKey JoinTokens => _identity + "tokens";

    /// <summary>Hash: digest of a key that has used the join token to when. Ends a day after the token.</summary>
    public RedisKey JoinTokenUses(string id) => $"{_identity}token-uses:{id}";

    /// <summary>String: what silos prove to each other by that they are silos, encrypted.</summary>
    public RedisKey SiloSecret => _identity + "silo-secret";

    /// <summary>Hash: id to a token of the management API as JSON, with a digest of its secret.</summary>
    public RedisKey ApiTokens => _identity + "api-tokens";

    /// <summary>Sorted set, all with the score 0: id of an entry of the audit log, a space, its JSON.</summary>
    public RedisKey Audit(AuditList list) => _audit + (list == AuditList.Refused ? "refused" : "accepted");

    /// <summary>
    /// Hash: the region's <see cref="Links.Heartbeat"/>. Beside the services and not the links, so that the rights which a
    /// peer's user needs to read those suffice.
    /// </summary>
    public RedisKey Heartbeat => $"{_prefixes[0]}heartbeat";

    /// <summary>A key of <paramref name="shard"/> for a test of the server; nothing else uses it.</summary>
    public RedisKey Probe(int shard, string id) => $"{_prefixes[shard]}probe:{id}";

    /// <summary>FNV-1a, 32 bits, folded: the same in every process and version, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static int ShardOf(ServiceName service)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in service.ToString())
        {
            hash = (hash ^ letter) * 16_777_619u;
        }

        return (int)((hash ^ (hash >> 16)) % Shards);
    }
}
