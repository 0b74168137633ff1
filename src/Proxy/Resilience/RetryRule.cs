using Mesh.Abstractions.Routing;

namespace Mesh.Proxy.Resilience;

/// <summary>A rule's retry policy, compiled (GEP-1731). Immutable.</summary>
/// <remarks>
/// The codes are HTTP statuses. For gRPC calls, whose HTTP status is always 200, a code also stands for the gRPC
/// statuses that google/rpc/code.proto maps to it:
/// <list type="table">
/// <listheader><term>code</term><description>gRPC status</description></listheader>
/// <item><term>409</term><description>10 ABORTED</description></item>
/// <item><term>429</term><description>8 RESOURCE_EXHAUSTED</description></item>
/// <item><term>499</term><description>1 CANCELLED</description></item>
/// <item><term>500</term><description>2 UNKNOWN, 13 INTERNAL, 15 DATA_LOSS</description></item>
/// <item><term>502, 503</term><description>14 UNAVAILABLE</description></item>
/// <item><term>504</term><description>4 DEADLINE_EXCEEDED</description></item>
/// </list>
/// </remarks>
internal sealed class RetryRule
{
    private const int FirstCode = 400;
    private const int LastCode = 599;

    private static readonly TimeSpan DefaultBackoff = TimeSpan.FromMilliseconds(25);

    /// <summary>250 ms, unless twice the minimum is more.</summary>
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMilliseconds(250);

    /// <summary>1 min, as the API allows.</summary>
    private static readonly TimeSpan LongestMinimum = TimeSpan.FromMinutes(1);

    private readonly bool[] _codes = new bool[LastCode - FirstCode + 1];
    private readonly TimeSpan _minBackoff;
    private readonly TimeSpan _maxBackoff;
    private readonly int _grpcStatuses;

    /// <exception cref="ArgumentException">A number is not one the API accepts.</exception>
    public RetryRule(RetryPolicy policy)
    {
        if (policy.Attempts < 0 || policy.Backoff < TimeSpan.Zero || policy.Backoff > LongestMinimum)
        {
            throw new ArgumentException($"retry: {policy.Attempts} attempts with a backoff of {policy.Backoff} are not possible");
        }

        Attempts = policy.Attempts;
        NonIdempotent = policy.NonIdempotent;
        _minBackoff = policy.Backoff ?? DefaultBackoff;
        _maxBackoff = TimeSpan.FromTicks(Math.Max(LongestBackoff.Ticks, 2 * _minBackoff.Ticks));
        foreach (var code in policy.Codes)
        {
            if (code is < FirstCode or > LastCode)
            {
                throw new ArgumentException($"retry: the code {code} is not one from {FirstCode} to {LastCode}");
            }

            _codes[code - FirstCode] = true;
            _grpcStatuses |= GrpcStatusesOf(code);
        }
    }

    /// <summary>Tries beyond the first.</summary>
    public int Attempts { get; }

    /// <summary>Methods that are not idempotent are tried again like those that are.</summary>
    public bool NonIdempotent { get; }

    public bool Covers(int status) => status is >= FirstCode and <= LastCode && _codes[status - FirstCode];

    public bool CoversGrpc(int grpcStatus) => grpcStatus is >= 0 and < 32 && (_grpcStatuses & (1 << grpcStatus)) != 0;

    /// <summary>
    /// The wait before a retry: anything between the minimum and a bound that doubles with every retry, so that the
    /// callers of an endpoint that failed do not come back at the same moment.
    /// </summary>
    /// <param name="retry">1 for the first retry.</param>
    /// <param name="draw">A random number from 0 to 1.</param>
    public TimeSpan BackoffBefore(int retry, double draw)
    {
        var bound = Math.Min(_maxBackoff.Ticks, _minBackoff.Ticks * Math.Pow(2, retry));
        return TimeSpan.FromTicks(_minBackoff.Ticks + (long)(draw * (bound - _minBackoff.Ticks)));
    }

    private static int GrpcStatusesOf(int code) => code switch
    {
        409 => 1 << 10,
        429 => 1 << 8,
        499 => 1 << 1,
        500 => (1 << 2) | (1 << 13) | (1 << 15),
        502 or 503 => 1 << GrpcStatus.Unavailable,
        504 => 1 << GrpcStatus.DeadlineExceeded,
        _ => 0,
    };
}
