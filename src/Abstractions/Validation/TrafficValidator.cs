using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>The traffic policy: ejection of failing endpoints and the retry budget.</summary>
internal static class TrafficValidator
{
    private static readonly TimeSpan ShortestEjection = TimeSpan.FromMilliseconds(1);

    public static void Validate(TrafficPolicy traffic, JsonPath path, SpecErrors errors)
    {
        if (traffic.OutlierDetection is { } detection)
        {
            Validate(detection, path.Field("outlierDetection"), errors);
        }

        if (traffic.RetryBudget is { } budget)
        {
            Validate(budget, path.Field("retryBudget"), errors);
        }
    }

    private static void Validate(OutlierDetection detection, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(detection.ConsecutiveFailures, 1, 1000, path.Field("consecutiveFailures"), errors);
        Bounds.CheckRange(detection.MaxEjectedPercent, 0, 100, path.Field("maxEjectedPercent"), errors);
        Bounds.CheckRange(detection.MinEjection, ShortestEjection, SpecLimits.Duration, path.Field("minEjection"), errors);
        Bounds.CheckRange(detection.MaxEjection, ShortestEjection, SpecLimits.Duration, path.Field("maxEjection"), errors);
        if (detection.MinEjection > detection.MaxEjection && !errors.IsMalformed(path.Field("maxEjection")))
        {
            errors.Add(
                path.Field("minEjection"),
                $"must be at most \"maxEjection\" ({GatewayDuration.Format(detection.MaxEjection)}), not {GatewayDuration.Format(detection.MinEjection)}");
        }
    }

    private static void Validate(RetryBudget budget, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(budget.Percent, 0, 1000, path.Field("percent"), errors);
        Bounds.CheckRange(budget.MinPerSecond, 0, 100_000, path.Field("minPerSecond"), errors);
        Bounds.CheckRange(budget.Window, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), path.Field("window"), errors);
    }
}
