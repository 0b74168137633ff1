using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Grains.Push;

/// <summary>One proxy's use of one service.</summary>
internal sealed class ProxySubscription(Conflator<EncodedSnapshot> sender)
{
    /// <summary>The newest request that named it.</summary>
    public long Sequence { get; set; }

    /// <summary>What the proxy said it uses.</summary>
    public SnapshotVersion Applied { get; set; }

    public RejectedSnapshot? Rejected { get; set; }

    public void Push(EncodedSnapshot snapshot) => sender.Offer(snapshot);
}
