using Mesh.Abstractions.Snapshots;

namespace Mesh.Grains.Push;

/// <summary>What a hub holds of one service, and for whom.</summary>
internal sealed class HubEntry
{
    /// <summary>The newest snapshot; null until the service grain has answered for the first time.</summary>
    public EncodedSnapshot? Snapshot { get; set; }

    public SnapshotVersion Version => Snapshot?.Version ?? SnapshotVersion.None;

    /// <summary>The subscriptions to it, by proxy.</summary>
    public Dictionary<string, ProxySubscription> Subscribers { get; } = new(StringComparer.Ordinal);
}
