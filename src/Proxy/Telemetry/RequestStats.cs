namespace Mesh.Proxy.Telemetry;

/// <summary>
/// Finished requests of one kind: how they ended and how long they took. The object hangs where the hot path is
/// already, so that counting needs no look-up by labels.
/// </summary>
internal sealed class RequestStats
{
    /// <summary>What <see cref="End"/> takes for a request whose caller went away before the end of the response.</summary>
    public const int AbortedOutcome = 0;

    /// <summary>What such a request is called, in measurements and where requests are shown.</summary>
    public const string AbortedName = "aborted";

    private readonly long[] _byStatusClass = new long[6];
    private long _active;

    /// <summary>From the request's arrival to the end of the response.</summary>
    public LatencyHistogram Duration { get; } = new();

    public RetryCounters Retries { get; } = new();

    public long Active => Volatile.Read(ref _active);

    /// <summary>Requests whose caller went away.</summary>
    public long Aborted => Volatile.Read(ref _byStatusClass[0]);

    /// <param name="statusClass">1 to 5, as in 2xx.</param>
    public long CountOf(int statusClass) => Volatile.Read(ref _byStatusClass[statusClass]);

    public void Begin() => Interlocked.Increment(ref _active);

    /// <param name="outcome">
    /// The status; where the proxy itself answered, that of its error, which gRPC callers see as another; or
    /// <see cref="AbortedOutcome"/>, and then the duration does not count, because it says nothing.
    /// </param>
    public void End(int outcome, TimeSpan duration)
    {
        Interlocked.Decrement(ref _active);
        if (outcome == AbortedOutcome)
        {
            Interlocked.Increment(ref _byStatusClass[0]);
            return;
        }

        Interlocked.Increment(ref _byStatusClass[Math.Clamp(outcome / 100, 1, 5)]);
        Duration.Record(duration);
    }
}
