namespace Mesh.Proxy.Limits;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371): one number, the time at which a request would be exactly on schedule.
/// Lock-free; a request that is refused costs nothing.
/// </summary>
internal sealed class Gcra
{
    private long _scheduled = long.MinValue / 2;

    /// <summary>The timestamp at which the next request would be on schedule; once it has passed, a fresh meter would do as well.</summary>
    public long Scheduled => Volatile.Read(ref _scheduled);

    /// <param name="now">The current timestamp.</param>
    /// <param name="wait">How long until it would be allowed; zero when it is.</param>
    public bool TryTake(long now, GcraRate rate, out long wait)
    {
        if (rate.IsNothing)
        {
            wait = rate.Interval;
            return false;
        }

        while (true)
        {
            var scheduled = Volatile.Read(ref _scheduled);
            var next = Math.Max(scheduled, now) + rate.Interval;
            wait = next - rate.Interval - rate.Tolerance - now;
            if (wait > 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _scheduled, next, scheduled) == scheduled)
            {
                wait = 0;
                return true;
            }
        }
    }

    /// <summary>
    /// Goes by another rate from now on. What could be taken at once stays as it is, up to the new burst: else whoever
    /// gets more and less in turns would get a fresh burst each time.
    /// </summary>
    public void Change(long now, GcraRate from, GcraRate to)
    {
        while (!to.IsNothing)
        {
            var scheduled = Volatile.Read(ref _scheduled);
            var takeable = from.IsNothing ? -1 : (double)(from.Tolerance - (Math.Max(scheduled, now) - now)) / from.Interval;
            var next = now + to.Tolerance - (long)Math.Min(takeable * to.Interval, to.Tolerance);
            if (Interlocked.CompareExchange(ref _scheduled, next, scheduled) == scheduled)
            {
                return;
            }
        }
    }
}
