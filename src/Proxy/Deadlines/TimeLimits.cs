using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Deadlines;

/// <summary>How much time a request has, and who says so: its rule, or its caller. The default has no limits.</summary>
internal readonly struct TimeLimits
{
    private readonly long _arrived;
    private readonly TimeSpan? _oneTry;

    /// <param name="arrived">The timestamp at which the request arrived.</param>
    /// <param name="caller">What <see cref="DeadlineHeaders"/> said; null for nothing.</param>
    public TimeLimits(long arrived, TimeSpan? caller, RuleModel? rule)
    {
        _arrived = arrived;
        _oneTry = rule?.TryTimeout;
        var own = rule?.RequestTimeout;
        IsCallers = caller is not null && !(own < caller);
        Whole = IsCallers ? caller : own;
    }

    /// <summary>For the whole request; null for no limit.</summary>
    public TimeSpan? Whole { get; }

    /// <summary>The caller's deadline is the stricter one.</summary>
    public bool IsCallers { get; }

    /// <summary>What it is called when the time for the whole request is over.</summary>
    public ProxyError Error => IsCallers ? ProxyError.DeadlineExceeded : ProxyError.Timeout;

    /// <summary>What is left of the time for the whole request; null for no limit.</summary>
    public TimeSpan? Left(TimeProvider time) => Whole is { } whole ? whole - time.GetElapsedTime(_arrived) : null;

    /// <summary>What a try that starts now may take; null for no limit.</summary>
    /// <param name="isLast">When that is over, so is the request's time.</param>
    public TimeSpan? ForTry(TimeProvider time, out bool isLast)
    {
        var left = Left(time);
        isLast = left is not null && !(_oneTry < left);
        return isLast ? left : _oneTry;
    }

    /// <summary>The timestamp by which the request must be over; null for no limit.</summary>
    public long? EndsAt(TimeProvider time) =>
        Whole is { } whole ? _arrived + (long)(whole.TotalSeconds * time.TimestampFrequency) : null;
}
