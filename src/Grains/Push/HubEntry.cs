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

    /// <summary>
    /// Whether a service grain's answer is to be used. It is authoritative, also with a lower revision, unless a push
    /// has overtaken it. But revision 0, "nothing was ever stored", takes nothing away that is held: a store that lost
    /// everything must not take the traffic down.
    /// </summary>
    /// <param name="asked">What was held when the grain was asked.</param>
    public bool Accepts(EncodedSnapshot answer, SnapshotVersion asked) =>
        Snapshot is null
        || answer.Version.Revision > Version.Revision
        || (answer.Version.Revision > 0 && answer.Version != Version && Version == asked);
}
