using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// What outlier detection knows of one endpoint. It outlives snapshots as measurements do. Only
/// <see cref="OutlierDetector"/> changes it, everything but the counts of tries under its gate.
/// </summary>
internal sealed class EjectionState
{
    private int _consecutiveFailures;
    private int _consecutiveGatewayErrors;
    private volatile OutcomeWindow? _outcomes;
    private volatile EjectionPhase _phase;
    private long _until;
    private long _ejections;

    /// <summary>Since the last success, or since it was put back.</summary>
    public int ConsecutiveFailures => Volatile.Read(ref _consecutiveFailures);

    /// <summary>Since the last answer that was none, or since it was put back.</summary>
    public int ConsecutiveGatewayErrors => Volatile.Read(ref _consecutiveGatewayErrors);

    /// <summary>Null when the service's success rates are not watched.</summary>
    public OutcomeWindow? Outcomes => _outcomes;

    public EjectionPhase Phase => _phase;

    public bool IsOut => _phase != EjectionPhase.InRotation;

    /// <summary>The timestamp from which a request may probe it: the end of the ejection, or of the wait for the last probe.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>How often it was ejected.</summary>
    public long Ejections => Volatile.Read(ref _ejections);

    /// <summary>How long the last ejection was to be, before jitter; zero before the first.</summary>
    public TimeSpan Length { get; private set; }

    /// <summary>The timestamp at which the last ejection ended.</summary>
    public long ReturnedAt { get; private set; }

    /// <summary>Counts in a window as the policy wants it, from now on if it is another.</summary>
    public void Watch(SuccessRateDetection? policy, long frequency)
    {
        if (_outcomes?.Policy != policy)
        {
            _outcomes = policy is null ? null : new OutcomeWindow(policy, frequency);
        }
    }

    public void CountFailure(bool isGatewayError)
    {
        Interlocked.Increment(ref _consecutiveFailures);
        if (isGatewayError)
        {
            Interlocked.Increment(ref _consecutiveGatewayErrors);
        }
        else
        {
            Reset(ref _consecutiveGatewayErrors);
        }
    }

    public void CountSuccess()
    {
        Reset(ref _consecutiveFailures);
        Reset(ref _consecutiveGatewayErrors);
    }

    public void Eject(TimeSpan length, long until)
    {
        Length = length;
        Volatile.Write(ref _until, until);
        Volatile.Write(ref _ejections, _ejections + 1);
        _phase = EjectionPhase.Ejected;
    }

    public void Probe(long until)
    {
        Volatile.Write(ref _until, until);
        _phase = EjectionPhase.Probing;
    }

    /// <summary>The probe told nothing: the next request is one.</summary>
    public void AwaitProbe(long now)
    {
        Volatile.Write(ref _until, now);
        _phase = EjectionPhase.Ejected;
    }

    public void Return(long now)
    {
        ReturnedAt = now;
        CountSuccess();
        _outcomes?.Clear();
        _phase = EjectionPhase.InRotation;
    }

    private static void Reset(ref int count)
    {
        // Read first: the usual case must not take the cache line from other cores.
        if (Volatile.Read(ref count) != 0)
        {
            Volatile.Write(ref count, 0);
        }
    }
}
