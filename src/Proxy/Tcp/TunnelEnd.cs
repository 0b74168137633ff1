using System.IO.Pipelines;

namespace Mesh.Proxy.Tcp;

/// <summary>The caller's side of a tunnel.</summary>
internal abstract class TunnelEnd
{
    /// <summary>What the caller sends.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>Completes once more may be written without keeping much in memory.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Tells the caller that nothing more comes. Where its protocol can say so, the caller may go on sending.</summary>
    public abstract ValueTask FinishAsync();

    /// <summary>Breaks the connection, so that the caller does not take what came for everything.</summary>
    public abstract void Abort();
}
