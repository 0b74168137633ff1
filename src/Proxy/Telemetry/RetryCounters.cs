using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Telemetry;

/// <summary>Retries of one kind of requests, and those that were not allowed.</summary>
internal sealed class RetryCounters
{
    public static readonly RetryReason[] Reasons = Enum.GetValues<RetryReason>();
    public static readonly RetryRefusal[] Refusals = Enum.GetValues<RetryRefusal>();

    private readonly long[] _retries = new long[Reasons.Length];
    private readonly long[] _refused = new long[Refusals.Length];

    public void Count(RetryReason reason) => Interlocked.Increment(ref _retries[(int)reason]);

    public void Count(RetryRefusal refusal) => Interlocked.Increment(ref _refused[(int)refusal]);

    public long CountOf(RetryReason reason) => Volatile.Read(ref _retries[(int)reason]);

    public long CountOf(RetryRefusal refusal) => Volatile.Read(ref _refused[(int)refusal]);
}
