namespace Mesh.Proxy.Balancing;

/// <summary>
/// A peak-sensitive, exponentially weighted moving average of an endpoint's latency, as Finagle's peak EWMA: a
/// sample above the estimate replaces it at once, one below pulls it down by the time that passed since the last
/// (decay 10 s). Left alone, the estimate sinks to zero, so that an endpoint that was slow is tried again.
/// </summary>
/// <remarks>
/// The estimate (milliseconds as <see cref="float"/>) and the time of the last sample (milliseconds, wrapping) share
/// one 64-bit word, so that an update is one compare-and-swap.
/// </remarks>
/// <param name="frequency">Timestamp units per second.</param>
internal sealed class LatencyEstimate(long frequency, long now)
{
    private const double DecayMilliseconds = 10_000;

    /// <summary>What an endpoint without samples is taken for: 30 ms.</summary>
    private const float FirstMilliseconds = 30;

    private long _word = Pack(FirstMilliseconds, ToMilliseconds(now, frequency));

    /// <summary>The estimate as the last sample left it.</summary>
    public double LastMilliseconds => Unpack(Volatile.Read(ref _word)).Estimate;

    /// <summary>The estimate at <paramref name="now"/>.</summary>
    public double Milliseconds(long now)
    {
        var (estimate, at) = Unpack(Volatile.Read(ref _word));
        return estimate * Remaining(at, ToMilliseconds(now, frequency));
    }

    /// <summary>Forgets all samples but this one.</summary>
    public void Reset(double milliseconds, long now) => Volatile.Write(ref _word, Pack((float)milliseconds, ToMilliseconds(now, frequency)));

    public void Observe(double milliseconds, long now)
    {
        var time = ToMilliseconds(now, frequency);
        while (true)
        {
            var word = Volatile.Read(ref _word);
            var (estimate, at) = Unpack(word);
            var weight = Remaining(at, time);
            var next = milliseconds > estimate
                ? milliseconds
                : (estimate * weight) + (milliseconds * (1 - weight));

            if (Interlocked.CompareExchange(ref _word, Pack((float)next, Later(at, time)), word) == word)
            {
                return;
            }
        }
    }

    private static double Remaining(uint since, uint now)
    {
        var elapsed = unchecked((int)(now - since));
        return elapsed <= 0 ? 1 : Math.Exp(-elapsed / DecayMilliseconds);
    }

    /// <summary>Two threads may observe in another order than they read the clock.</summary>
    private static uint Later(uint left, uint right) => unchecked((int)(right - left)) > 0 ? right : left;

    private static uint ToMilliseconds(long timestamp, long frequency) => unchecked((uint)(timestamp / (frequency / 1000)));

    private static long Pack(float estimate, uint at) => ((long)BitConverter.SingleToInt32Bits(estimate) << 32) | at;

    private static (float Estimate, uint At) Unpack(long word) =>
        (BitConverter.Int32BitsToSingle((int)(word >> 32)), unchecked((uint)word));
}
