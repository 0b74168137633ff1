namespace Mesh.Proxy.Forwarding;

/// <summary>Requests being served right now, for shutting down without breaking one.</summary>
internal sealed class ActiveRequests
{
    private int _inbound;
    private int _outbound;

    /// <summary>To the application beside the proxy.</summary>
    public int Inbound => Volatile.Read(ref _inbound);

    /// <summary>Of applications to the mesh.</summary>
    public int Outbound => Volatile.Read(ref _outbound);

    public void BeginInbound() => Interlocked.Increment(ref _inbound);

    public void EndInbound() => Interlocked.Decrement(ref _inbound);

    public void BeginOutbound() => Interlocked.Increment(ref _outbound);

    public void EndOutbound() => Interlocked.Decrement(ref _outbound);
}
