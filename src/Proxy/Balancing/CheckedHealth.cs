namespace Mesh.Proxy.Balancing;

/// <summary>What active health checks found out about an endpoint. It outlives snapshots as measurements do.</summary>
internal sealed class CheckedHealth
{
    private volatile bool _isFailing;
    private volatile string? _problem;
    private long _checks;
    private long _failures;

    /// <summary>It gets no requests, because its checks fail.</summary>
    public bool IsFailing
    {
        get => _isFailing;
        set => _isFailing = value;
    }

    /// <summary>Why the last check failed; null when it did not, or when there was none.</summary>
    public string? Problem => _problem;

    public long Checks => Volatile.Read(ref _checks);

    public long Failures => Volatile.Read(ref _failures);

    /// <param name="problem">Null when the check passed.</param>
    public void Count(string? problem)
    {
        Interlocked.Increment(ref _checks);
        if (problem is not null)
        {
            Interlocked.Increment(ref _failures);
        }

        _problem = problem;
    }

    /// <summary>Nobody checks any more: what was found out is not held against the endpoint.</summary>
    public void Forget()
    {
        _isFailing = false;
        _problem = null;
    }
}
