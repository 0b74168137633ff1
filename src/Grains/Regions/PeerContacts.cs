using System.Collections.Concurrent;

namespace Mesh.Grains.Regions;

/// <summary>When this silo last knew each configured peer region to be in sync with its own.</summary>
public sealed class PeerContacts
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastInSync = new(StringComparer.Ordinal);

    /// <summary>Makes a peer known. Until it is in sync for the first time, no deletion is collected.</summary>
    public void Expect(string peer) => _lastInSync.TryAdd(peer, DateTimeOffset.UnixEpoch);

    /// <summary>At that moment the peer had been told all that this region held, and this region all that the peer held.</summary>
    public void InSync(string peer, DateTimeOffset at) =>
        _lastInSync.AddOrUpdate(peer, at, (_, known) => at > known ? at : known);

    /// <inheritdoc cref="Tombstones.Limit"/>
    public DateTimeOffset CollectBefore(DateTimeOffset now) => Tombstones.Limit(now, _lastInSync.Values);
}
