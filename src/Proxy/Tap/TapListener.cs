using System.Threading.Channels;

namespace Mesh.Proxy.Tap;

/// <summary>Somebody who watches requests. What they do not take in time is dropped and counted: watching slows nobody.</summary>
internal sealed class TapListener(TapFilter filter, TimeProvider time)
{
    public const int Most = 1000;

    /// <summary>Fewer of those with headers: each may have 32 KiB of them.</summary>
    public const int MostWithHeaders = 100;

    private readonly Channel<TapEvent> _events = Channel.CreateBounded<TapEvent>(
        new BoundedChannelOptions(filter.WithHeaders ? MostWithHeaders : Most) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly Lock _lock = new();
    private long _second = time.GetTimestamp();
    private int _inSecond;
    private long _dropped;

    public TapFilter Filter => filter;

    public ChannelReader<TapEvent> Events => _events.Reader;

    /// <summary>Events that were not shown, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Offer(TapEvent seen)
    {
        if (filter.Matches(seen) && (!TryTake() || !_events.Writer.TryWrite(seen)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    private bool TryTake()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_second) >= TimeSpan.FromSeconds(1))
            {
                _second = time.GetTimestamp();
                _inSecond = 0;
            }

            return _inSecond++ < filter.Max;
        }
    }
}
