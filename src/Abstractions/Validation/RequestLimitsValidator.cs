using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>How many requests may be under way at once, and wait.</summary>
internal static class RequestLimitsValidator
{
    private const int MostRequests = 1_000_000;
    private const int MostPending = 100_000;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    public static void Validate(RequestLimits limits, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(limits.Concurrent ?? 1, 1, MostRequests, path.Field("concurrent"), errors);
        Bounds.CheckRange(limits.ConcurrentPerEndpoint ?? 1, 1, MostRequests, path.Field("concurrentPerEndpoint"), errors);
        Bounds.CheckRange(limits.Pending, 0, MostPending, path.Field("pending"), errors);
        Bounds.CheckRange(limits.PendingTimeout, ShortestWait, LongestWait, path.Field("pendingTimeout"), errors);
        if (limits is { Pending: > 0, Concurrent: null, ConcurrentPerEndpoint: null }
            && !errors.IsMalformed(path.Field("concurrent")) && !errors.IsMalformed(path.Field("concurrentPerEndpoint")))
        {
            errors.Add(path.Field("pending"), "does nothing without \"concurrent\" or \"concurrentPerEndpoint\"");
        }
    }
}
