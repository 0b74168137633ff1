namespace Mesh.Proxy.Telemetry;

/// <summary>Lets one message of its kind pass per period, so that whoever causes them cannot fill the log.</summary>
internal sealed class LogLimit(TimeProvider time, TimeSpan period)
{
    private long _next = long.MinValue;

    public bool TryPass()
    {
        var next = Volatile.Read(ref _next);
        var now = time.GetTimestamp();
        return now >= next
            && Interlocked.CompareExchange(ref _next, now + (long)(period.TotalSeconds * time.TimestampFrequency), next) == next;
    }
}
