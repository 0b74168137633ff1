using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Time limits (GEP-1742): one try cannot have more time than the request. Zero means none.</summary>
internal static class TimeoutValidator
{
    public static void Validate(RouteTimeouts timeouts, JsonPath path, SpecErrors errors)
    {
        CheckLimit(timeouts.Request, path.Field("request"), errors);
        CheckLimit(timeouts.BackendRequest, path.Field("backendRequest"), errors);
        CheckLimit(timeouts.Idle, path.Field("idle"), errors);
        if (timeouts is { Request: { } request, BackendRequest: { } backend } && request > TimeSpan.Zero && backend > request)
        {
            errors.Add(
                path.Field("backendRequest"),
                $"must be at most \"request\" ({GatewayDuration.Format(request)}), not {GatewayDuration.Format(backend)}");
        }
    }

    private static void CheckLimit(TimeSpan? value, JsonPath path, SpecErrors errors) =>
        Bounds.CheckRange(value ?? TimeSpan.Zero, TimeSpan.Zero, SpecLimits.Duration, path, errors);
}
