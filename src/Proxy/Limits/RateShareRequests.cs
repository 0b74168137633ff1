using System.Threading.Channels;

namespace Mesh.Proxy.Limits;

/// <summary>From requests that find their service's part of a rate limit due to whoever asks for the next one.</summary>
internal sealed class RateShareRequests
{
    /// <summary>When so many wait, the control plane does not answer, and more would not help.</summary>
    private const int MostWaiting = 1_000;

    private readonly Channel<ServiceRateLimiter> _due =
        Channel.CreateBounded<ServiceRateLimiter>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    public ChannelReader<ServiceRateLimiter> Due => _due.Reader;

    public void AskIfDue(ServiceRateLimiter limiter, long now)
    {
        if (limiter.TryBeginAsking(now))
        {
            _due.Writer.TryWrite(limiter);
        }
    }
}
