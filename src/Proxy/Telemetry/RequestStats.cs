namespace Mesh.Proxy.Telemetry;

/// <summary>
/// Finished requests of one kind: how they ended and how long they took. The object hangs where the hot path is
/// already, so that counting needs no look-up by labels.
/// </summary>
internal sealed class RequestStats
{
    private readonly long[] _byStatusClass = new long[6];
    private long _active;

    /// <summary>From the request's arrival to the end of the response.</summary>
    public LatencyHistogram Duration { get; } = new();

    public long Active => Volatile.Read(ref _active);

    /// <summary>The caller went away before the end of the response.</summary>
    public long Aborted => Volatile.Read(ref _byStatusClass[0]);

    /// <param name="statusClass">1 to 5, as in 2xx.</param>
    public long CountOf(int statusClass) => Volatile.Read(ref _byStatusClass[statusClass]);

    public void Begin() => Interlocked.Increment(ref _active);

    public void End(int status, TimeSpan duration)
    {
        Interlocked.Decrement(ref _active);
        Interlocked.Increment(ref _byStatusClass[Math.Clamp(status / 100, 1, 5)]);
        Duration.Record(duration);
    }

    /// <summary>Ends a request whose caller went away; how long it took says nothing.</summary>
    public void EndAborted()
    {
        Interlocked.Decrement(ref _active);
        Interlocked.Increment(ref _byStatusClass[0]);
    }
}
