using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Limits;

/// <summary>
/// Refuses requests before the proxy falls over. Its signals cost a request three reads, and are those of this process:
/// what neighbours on the machine do is not its concern.
/// </summary>
/// <remarks>
/// The beat of a timer is the queue's delay: it is work for the thread pool like any other, so when it has not come for
/// long, nothing else has.
/// </remarks>
internal sealed class LoadShedder : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>5 s: how often the heap is compacted while memory is scarce, for all of which the proxy stands still.</summary>
    public static readonly TimeSpan CompactPeriod = TimeSpan.FromSeconds(5);

    /// <summary>1 s: overload passes quickly, or does not.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private static readonly ShedReason[] Reasons = Enum.GetValues<ShedReason>();

    private readonly LimitOptions _options;
    private readonly ActiveRequests _active;
    private readonly long _maxQueueDelay;
    private readonly long _maxMemory;
    private readonly Func<long> _memory;
    private readonly Action _compact;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long[] _counts = new long[Reasons.Length];
    private long _lastBeat;
    private long? _lastCompacted;
    private volatile bool _isMemoryScarce;

    public LoadShedder(LimitOptions options, ActiveRequests active, TimeProvider time)
        : this(options, active, time, MemoryLimit.Read(), static () => Environment.WorkingSet, Compact)
    {
    }

    /// <param name="memoryLimit">How many bytes the process may have.</param>
    /// <param name="memory">How many bytes it has.</param>
    /// <param name="compact">Gives back what it does not need.</param>
    internal LoadShedder(
        LimitOptions options, ActiveRequests active, TimeProvider time, long memoryLimit, Func<long> memory, Action compact)
    {
        _options = options;
        _active = active;
        _time = time;
        _maxMemory = options.MaxMemoryPercent == 0 ? long.MaxValue : memoryLimit / 100 * options.MaxMemoryPercent;
        _memory = memory;
        _compact = compact;
        _maxQueueDelay = options.MaxQueueDelay == TimeSpan.Zero ? long.MaxValue : (long)(options.MaxQueueDelay.TotalSeconds * time.TimestampFrequency);
        _lastBeat = time.GetTimestamp();
        _timer = time.CreateTimer(static shedder => ((LoadShedder)shedder!).Beat(), this, Period, Period);
    }

    /// <summary>Reasons to refuse, for whoever counts.</summary>
    public static IEnumerable<ShedReason> AllReasons => Reasons.Where(static reason => reason != ShedReason.None);

    public long CountOf(ShedReason reason) => Volatile.Read(ref _counts[(int)reason]);

    /// <summary>Whether to refuse a request that has just arrived; counts it then.</summary>
    /// <param name="now">The current timestamp.</param>
    public ShedReason Judge(long now)
    {
        var reason = Reason(now);
        if (reason != ShedReason.None)
        {
            Interlocked.Increment(ref _counts[(int)reason]);
        }

        return reason;
    }

    /// <summary>For the caller of a refused request.</summary>
    public string Explain(ShedReason reason) => reason switch
    {
        ShedReason.Requests => $"this proxy has {_options.MaxRequests} requests in flight (Mesh:Limits:MaxRequests)",
        ShedReason.Memory => $"this proxy uses more than {_options.MaxMemoryPercent} % of its memory (Mesh:Limits:MaxMemoryPercent)",
        _ => $"work in this proxy waits more than {_options.MaxQueueDelay.TotalSeconds} s for a thread (Mesh:Limits:MaxQueueDelay)",
    };

    public void Dispose() => _timer.Dispose();

    private ShedReason Reason(long now)
    {
        if (_active.Outbound + _active.Inbound >= _options.MaxRequests)
        {
            return ShedReason.Requests;
        }

        if (_isMemoryScarce)
        {
            return ShedReason.Memory;
        }

        return now - Volatile.Read(ref _lastBeat) > _maxQueueDelay ? ShedReason.Queue : ShedReason.None;
    }

    private void Beat()
    {
        var now = _time.GetTimestamp();
        Volatile.Write(ref _lastBeat, now);
        var isScarce = _memory() > _maxMemory;
        if (isScarce && (_lastCompacted is not { } last || _time.GetElapsedTime(last, now) >= CompactPeriod))
        {
            // The collector knows of no scarcity as long as the machine has memory left, and once requests are refused
            // little is allocated that would make it run.
            _lastCompacted = now;
            _compact();
            isScarce = _memory() > _maxMemory;
        }

        _isMemoryScarce = isScarce;
    }

    private static void Compact() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
