using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// What the proxy measured of one endpoint. It outlives snapshots: as long as an address stays in its service, so do
/// its measurements.
/// </summary>
internal sealed class EndpointStats(TimeProvider time)
{
    /// <summary>
    /// What a try that got no answer counts as, at least: 1 s. Otherwise an endpoint that refuses connections at once
    /// would look like the fastest and get the most requests.
    /// </summary>
    private const double FailureMilliseconds = 1_000;

    private readonly LatencyEstimate _latency = new(time.TimestampFrequency, time.GetTimestamp());
    private int _inFlight;
    private long _requests;
    private long _failures;
    private long _penalizedUntil = long.MinValue;
    private long _joinedAt = long.MinValue;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Requests sent, finished or not.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Tries without an answer, and answers of 500 and above.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Means something only while the service has outlier detection.</summary>
    public EjectionState Ejection { get; } = new();

    /// <summary>Means something only while the service has active health checks.</summary>
    public CheckedHealth Health { get; } = new();

    /// <summary>When it began to get requests after its peers did, or came back to them; null when that never was.</summary>
    public long? JoinedAt => Volatile.Read(ref _joinedAt) is > long.MinValue and var joined ? joined : null;

    /// <summary>Until when it asked to be spared; <see cref="long.MinValue"/> when it never did.</summary>
    public long PenalizedUntil => Volatile.Read(ref _penalizedUntil);

    public bool IsPenalized(long now) => now < PenalizedUntil;

    /// <summary>Means something only while the service's protocol is to be learned.</summary>
    public LearnedProtocol Protocol { get; } = new(time);

    public double LatencyMilliseconds(long now) => _latency.Milliseconds(now);

    public void Begin()
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _requests);
    }

    /// <summary>Begins a request unless as many as the limit are in flight.</summary>
    /// <param name="limit">Null for none.</param>
    public bool TryBegin(int? limit)
    {
        // Counted before it is looked at: requests that come at once may all be refused, but never all be let through.
        if (Interlocked.Increment(ref _inFlight) > limit)
        {
            Interlocked.Decrement(ref _inFlight);
            return false;
        }

        Interlocked.Increment(ref _requests);
        return true;
    }

    /// <summary>Response headers arrived.</summary>
    public void Answered(int status, long started)
    {
        var now = time.GetTimestamp();
        _latency.Observe(time.GetElapsedTime(started, now).TotalMilliseconds, now);
        if (status >= 500)
        {
            Interlocked.Increment(ref _failures);
        }
    }

    /// <summary>No answer came, and not because the caller went away.</summary>
    public void Failed(long started)
    {
        var now = time.GetTimestamp();
        _latency.Observe(Math.Max(FailureMilliseconds, time.GetElapsedTime(started, now).TotalMilliseconds), now);
        Interlocked.Increment(ref _failures);
    }

    /// <summary>It is to get as little as possible for a while; of several wishes the longest counts.</summary>
    public void Penalize(TimeSpan length)
    {
        var until = time.GetTimestamp() + (long)(length.TotalSeconds * time.TimestampFrequency);
        if (until > PenalizedUntil)
        {
            Volatile.Write(ref _penalizedUntil, until);
        }
    }

    public void Join(long now) => Volatile.Write(ref _joinedAt, now);

    /// <summary>Nobody waits for the answer any more, which is not the endpoint's fault; but it did take this long.</summary>
    public void GaveUp(long started)
    {
        var now = time.GetTimestamp();
        _latency.Observe(time.GetElapsedTime(started, now).TotalMilliseconds, now);
    }

    /// <summary>What has begun is not sent after all.</summary>
    public void GiveBack()
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>The try is over, however it ended.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);
}
