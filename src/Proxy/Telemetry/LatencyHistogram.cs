namespace Mesh.Proxy.Telemetry;

/// <summary>Counts durations by bucket, lock-free. A reader may see a request in a bucket before it is in the sum.</summary>
internal sealed class LatencyHistogram
{
    private static readonly double[] Bounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly long[] _buckets = new long[Bounds.Length + 1];
    private long _sumMicroseconds;

    /// <summary>
    /// Upper bounds of the buckets, inclusive, in seconds: those OpenTelemetry's semantic conventions advise, and two
    /// finer ones below, because a call beside a proxy is often faster than the first of theirs.
    /// </summary>
    public static ReadOnlySpan<double> UpperBounds => Bounds;

    /// <summary>In seconds.</summary>
    public double Sum => Volatile.Read(ref _sumMicroseconds) / 1e6;

    public void Record(TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        var index = 0;
        while (index < Bounds.Length && seconds > Bounds[index])
        {
            index++;
        }

        Interlocked.Increment(ref _buckets[index]);
        Interlocked.Add(ref _sumMicroseconds, (long)duration.TotalMicroseconds);
    }

    /// <summary>How many durations were above the bound before and not above the bound at <paramref name="index"/>; the last bucket has no bound.</summary>
    public long CountOf(int index) => Volatile.Read(ref _buckets[index]);
}
