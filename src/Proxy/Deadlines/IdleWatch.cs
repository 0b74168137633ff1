namespace Mesh.Proxy.Deadlines;

/// <summary>
/// Cuts off a response that has begun and in which, as in its request, nothing has moved for too long. It looks at the
/// clock once per limit instead of setting a timer with every read.
/// </summary>
internal sealed class IdleWatch : IAsyncDisposable
{
    /// <summary>1 ms: timers take nothing finer.</summary>
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(1);

    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _cut;
    private readonly TimeProvider _time;
    private ITimer? _timer;
    private long _lastMoved;

    /// <param name="cut">What ends the try.</param>
    public IdleWatch(TimeSpan limit, CancellationTokenSource cut, TimeProvider time)
    {
        _limit = limit;
        _cut = cut;
        _time = time;
    }

    /// <summary>Nothing has moved for too long.</summary>
    public bool IsOver { get; private set; }

    public Stream Watch(Stream stream) => new WatchedStream(stream, this);

    /// <summary>The response has begun, and its headers have been copied.</summary>
    public void Begin(HttpResponseMessage response)
    {
        Moved();
        response.Content = new WatchedContent(response.Content, this);

        // Started only once it is stored: its first look sets it again.
        _timer = _time.CreateTimer(static watch => ((IdleWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_limit, Timeout.InfiniteTimeSpan);
    }

    public void Moved() => Volatile.Write(ref _lastMoved, _time.GetTimestamp());

    /// <summary>Returns when it cuts nothing off any more.</summary>
    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Look()
    {
        var left = _limit - _time.GetElapsedTime(Volatile.Read(ref _lastMoved));
        if (left > TimeSpan.Zero)
        {
            _timer!.Change(left < ShortestLook ? ShortestLook : left, Timeout.InfiniteTimeSpan);
        }
        else
        {
            IsOver = true;
            _cut.Cancel();
        }
    }
}
