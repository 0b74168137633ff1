using System.Collections.Concurrent;

namespace Mesh.Proxy.Forwarding;

/// <summary>Cancellation sources that fire after a time limit, used again when they did not have to.</summary>
internal sealed class TimeoutPool
{
    private const int MaxIdle = 256;

    private readonly ConcurrentQueue<CancellationTokenSource> _idle = new();

    public CancellationTokenSource Rent(TimeSpan limit)
    {
        if (!_idle.TryDequeue(out var source))
        {
            source = new CancellationTokenSource();
        }

        source.CancelAfter(limit);
        return source;
    }

    public void Return(CancellationTokenSource source)
    {
        if (source.TryReset() && _idle.Count < MaxIdle)
        {
            _idle.Enqueue(source);
        }
        else
        {
            source.Dispose();
        }
    }
}
