using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Abstractions.Grains;

/// <summary>What a proxy lets the control plane call. A call may be lost or overtaken: the newest revision wins.</summary>
[Alias("mesh.IProxyObserver")]
public interface IProxyObserver : IGrainObserver
{
    [Alias("Push")]
    Task<PushAck> Push(EncodedSnapshot snapshot);

    /// <summary>How the proxy would decide a request now.</summary>
    [Alias("Explain")]
    Task<Explanation> Explain(ExplainRequest request);
}
