using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>When an endpoint that fails is left alone, and for how long.</summary>
internal static class OutlierDetectionValidator
{
    private static readonly TimeSpan ShortestEjection = TimeSpan.FromMilliseconds(1);

    public static void Validate(OutlierDetection detection, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckRange(detection.ConsecutiveFailures, 1, 1000, path.Field("consecutiveFailures"), errors);
        Bounds.CheckRange(detection.ConsecutiveGatewayErrors ?? 1, 1, 1000, path.Field("consecutiveGatewayErrors"), errors);
        Bounds.CheckRange(detection.MaxEjectedPercent, 0, 100, path.Field("maxEjectedPercent"), errors);
        Bounds.CheckRange(detection.MinEjection, ShortestEjection, SpecLimits.Duration, path.Field("minEjection"), errors);
        Bounds.CheckRange(detection.MaxEjection, ShortestEjection, SpecLimits.Duration, path.Field("maxEjection"), errors);
        if (detection.MinEjection > detection.MaxEjection && !errors.IsMalformed(path.Field("maxEjection")))
        {
            errors.Add(
                path.Field("minEjection"),
                $"must be at most \"maxEjection\" ({GatewayDuration.Format(detection.MaxEjection)}), not {GatewayDuration.Format(detection.MinEjection)}");
        }

        if (detection.SuccessRate is { } rate)
        {
            var place = path.Field("successRate");
            Bounds.CheckRange(rate.Percent, 1, 100, place.Field("percent"), errors);
            Bounds.CheckRange(rate.Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), place.Field("window"), errors);
            Bounds.CheckRange(rate.MinRequests, 1, 1_000_000, place.Field("minRequests"), errors);
        }
    }
}
