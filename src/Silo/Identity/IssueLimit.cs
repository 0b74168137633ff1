using System.Threading.RateLimiting;

namespace Mesh.Silo.Identity;

/// <summary>
/// How many certificates this silo is asked for: 400 a second, twice what a restart of everything needs, so that guesses
/// and loops leave the silo time for its grains.
/// </summary>
internal sealed class IssueLimit : IDisposable
{
    private const int PerSecond = 400;

    private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = PerSecond,
        TokensPerPeriod = PerSecond / 10,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = 0,
    });

    public bool TryPass()
    {
        using var lease = _limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
