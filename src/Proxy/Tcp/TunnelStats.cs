namespace Mesh.Proxy.Tcp;

/// <summary>Connections to one service that were passed on as bytes.</summary>
internal sealed class TunnelStats
{
    private long _opened;
    private int _active;
    private long _sent;
    private long _received;

    public long Opened => Volatile.Read(ref _opened);

    public int Active => Volatile.Read(ref _active);

    /// <summary>Bytes to endpoints.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Bytes from endpoints.</summary>
    public long Received => Volatile.Read(ref _received);

    public void Begin()
    {
        Interlocked.Increment(ref _opened);
        Interlocked.Increment(ref _active);
    }

    public void End() => Interlocked.Decrement(ref _active);

    public void AddSent(long count) => Interlocked.Add(ref _sent, count);

    public void AddReceived(long count) => Interlocked.Add(ref _received, count);
}
