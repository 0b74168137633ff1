using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// A service's retry budget: in every window, retries stay below a share of the requests plus a number that is always
/// allowed. Without it, retries would multiply the load on a service exactly when it cannot bear it. Lock-free.
/// </summary>
/// <remarks>
/// The window is a ring of ten slices. Each is one 64-bit word, the slice's number above its balance, so that an
/// update is one compare-and-swap. A request adds the percentage to the balance, a retry takes 100 off it.
/// </remarks>
internal sealed class RetryAllowance
{
    private const int Slices = 10;
    private const int UnitsPerRetry = 100;

    /// <summary>By so many slices a clock reading may be late; further apart than that, numbers have wrapped around.</summary>
    private const uint MostLate = 1_000;

    private readonly long[] _slices = new long[Slices];
    private readonly long _sliceLength;
    private readonly long _reserve;

    /// <param name="frequency">Timestamp units per second.</param>
    public RetryAllowance(RetryBudget policy, long frequency)
    {
        Policy = policy;
        var window = Math.Clamp(policy.Window.TotalSeconds, 1, 60);
        _sliceLength = (long)(frequency * window / Slices);
        _reserve = (long)(policy.MinPerSecond * window * UnitsPerRetry);
    }

    public RetryBudget Policy { get; }

    /// <summary>A request has come; its retries do not count as requests.</summary>
    public void Deposit(long now)
    {
        if (Policy.Percent > 0)
        {
            Add(now, Policy.Percent);
        }
    }

    /// <summary>How many retries the budget allows at the moment.</summary>
    public long Left(long now) => Math.Max(0, Balance(now) / UnitsPerRetry);

    /// <summary>Takes one retry from the budget.</summary>
    /// <returns>False when it is used up, and then nothing was taken.</returns>
    public bool TryWithdraw(long now)
    {
        // Taken before it is looked at: threads that come at once may all be refused, but never all be served.
        Add(now, -UnitsPerRetry);
        if (Balance(now) >= 0)
        {
            return true;
        }

        Add(now, UnitsPerRetry);
        return false;
    }

    private void Add(long now, int units)
    {
        var number = NumberOf(now);
        ref var slice = ref _slices[number % Slices];
        while (true)
        {
            var word = Volatile.Read(ref slice);
            var held = NumberOf(word, out var balance);

            // What comes late counts in the slice that has taken the place of its own: it must not wipe that out.
            var isHeld = unchecked(held - number) <= MostLate;
            var next = Math.Clamp((isHeld ? (long)balance : 0) + units, int.MinValue, int.MaxValue);
            if (Interlocked.CompareExchange(ref slice, ((long)(isHeld ? held : number) << 32) | (uint)next, word) == word)
            {
                return;
            }
        }
    }

    private long Balance(long now)
    {
        var number = NumberOf(now);
        var sum = _reserve;
        foreach (ref var slice in _slices.AsSpan())
        {
            if (unchecked(number - NumberOf(Volatile.Read(ref slice), out var balance)) < Slices)
            {
                sum += balance;
            }
        }

        return sum;
    }

    private uint NumberOf(long now) => unchecked((uint)(now / _sliceLength));

    private static uint NumberOf(long word, out int balance)
    {
        balance = unchecked((int)word);
        return unchecked((uint)(word >> 32));
    }
}
