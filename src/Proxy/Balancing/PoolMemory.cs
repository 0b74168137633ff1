using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Balancing;

/// <summary>What the successive pools of a service and their subsets share.</summary>
internal sealed class PoolMemory
{
    private long _panicRequests;
    private long _panicLoggedAt = long.MinValue;

    public HealthGate Gate { get; } = new();

    /// <summary>Requests that any selectable endpoint could get, because too few were healthy.</summary>
    public long PanicRequests => Volatile.Read(ref _panicRequests);

    public void CountPanic() => Interlocked.Increment(ref _panicRequests);

    /// <summary>Whether it is time to say that the service panics: at once, and then once a minute.</summary>
    public bool TryBeginPanicLog(TimeProvider time)
    {
        var now = time.GetTimestamp();
        var last = Volatile.Read(ref _panicLoggedAt);
        return (last == long.MinValue || time.GetElapsedTime(last, now) >= TimeSpan.FromMinutes(1))
            && Interlocked.CompareExchange(ref _panicLoggedAt, now, last) == last;
    }
}
