namespace Mesh.Proxy.Resilience;

/// <summary>
/// What outlier detection knows of one endpoint. It outlives snapshots as measurements do. Only
/// <see cref="OutlierDetector"/> changes it, everything but the count of failures in a row under its gate.
/// </summary>
internal sealed class EjectionState
{
    private int _consecutiveFailures;
    private volatile EjectionPhase _phase;
    private long _until;
    private long _ejections;

    /// <summary>Since the last success, or since it was put back.</summary>
    public int ConsecutiveFailures => Volatile.Read(ref _consecutiveFailures);

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

    public int CountFailure() => Interlocked.Increment(ref _consecutiveFailures);

    public void CountSuccess()
    {
        // Read first: the usual case must not take the cache line from other cores.
        if (_consecutiveFailures != 0)
        {
            Volatile.Write(ref _consecutiveFailures, 0);
        }
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
        Volatile.Write(ref _consecutiveFailures, 0);
        _phase = EjectionPhase.InRotation;
    }
}
