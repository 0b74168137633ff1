using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Resilience;

/// <summary>The tries of one endpoint in a sliding window, and how many of them failed. Lock-free.</summary>
/// <remarks>
/// The window is a ring of ten slices. Each is one 64-bit word, so that an update is one compare-and-swap: from the top,
/// the slice's number (20 bits, wrapping), all tries, and the failures (22 bits each). A slice that is full is halved,
/// which keeps its rate.
/// </remarks>
internal sealed class OutcomeWindow
{
    private const int Slices = 10;
    private const int CountBits = 22;
    private const ulong MaxCount = (1UL << CountBits) - 1;
    private const uint NumberMask = (1u << 20) - 1;

    private readonly ulong[] _slices = new ulong[Slices];
    private readonly long _sliceLength;

    /// <param name="frequency">Timestamp units per second.</param>
    public OutcomeWindow(SuccessRateDetection policy, long frequency)
    {
        Policy = policy;
        _sliceLength = Math.Max(1, (long)(frequency * Math.Clamp(policy.Window.TotalSeconds, 1, 3600) / Slices));
    }

    public SuccessRateDetection Policy { get; }

    public void Count(bool isFailure, long now)
    {
        var slice = now / _sliceLength;
        var number = (uint)slice & NumberMask;
        ref var place = ref _slices[slice % Slices];
        while (true)
        {
            var word = Volatile.Read(ref place);
            var (tries, failures) = NumberOf(word) == number ? CountsOf(word) : (0, 0);
            if (tries == MaxCount)
            {
                (tries, failures) = (tries / 2, failures / 2);
            }

            var next = ((ulong)number << (2 * CountBits)) | ((tries + 1) << CountBits) | (failures + (isFailure ? 1UL : 0));
            if (Interlocked.CompareExchange(ref place, next, word) == word)
            {
                return;
            }
        }
    }

    /// <summary>Whether enough was tried, and too little of it succeeded.</summary>
    public bool IsBad(long now)
    {
        var (tries, failures) = Sum(now);
        return tries >= Math.Max(1, Policy.MinRequests) && (tries - failures) * 100.0 < Policy.Percent * (double)tries;
    }

    public (long Tries, long Failures) Sum(long now)
    {
        var number = (uint)(now / _sliceLength) & NumberMask;
        var (tries, failures) = (0L, 0L);
        foreach (ref var slice in _slices.AsSpan())
        {
            var word = Volatile.Read(ref slice);
            if (((number - NumberOf(word)) & NumberMask) < Slices)
            {
                var counts = CountsOf(word);
                tries += (long)counts.Tries;
                failures += (long)counts.Failures;
            }
        }

        return (tries, failures);
    }

    /// <summary>What was before does not count any more.</summary>
    public void Clear()
    {
        foreach (ref var slice in _slices.AsSpan())
        {
            Volatile.Write(ref slice, 0);
        }
    }

    private static uint NumberOf(ulong word) => (uint)(word >> (2 * CountBits));

    private static (ulong Tries, ulong Failures) CountsOf(ulong word) => ((word >> CountBits) & MaxCount, word & MaxCount);
}
