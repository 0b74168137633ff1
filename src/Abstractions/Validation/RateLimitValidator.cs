using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>How many requests in how much time: of a rule in each proxy, and of a service over all proxies.</summary>
internal static class RateLimitValidator
{
    private const int MostRequests = 1_000_000;
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromHours(1);

    public static void Validate(RuleRateLimit limit, JsonPath path, SpecErrors errors)
    {
        Validate(limit.Requests, limit.Per, limit.Burst, path, errors);
        if (limit.PerCaller is { } key)
        {
            RequestKeyValidator.Validate(key, path.Field("perCaller"), errors);
        }
    }

    public static void Validate(RateLimit limit, JsonPath path, SpecErrors errors) =>
        Validate(limit.Requests, limit.Per, limit.Burst, path, errors);

    private static void Validate(int requests, TimeSpan per, int? burst, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(requests, 1, MostRequests, path.Field("requests"), errors);
        Bounds.CheckRange(per, ShortestPeriod, LongestPeriod, path.Field("per"), errors);
        Bounds.CheckRange(burst ?? 1, 1, MostRequests, path.Field("burst"), errors);
    }
}
