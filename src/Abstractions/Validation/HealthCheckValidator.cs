using Mesh.Abstractions.Json;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Validation;

/// <summary>How endpoints are asked whether they are well.</summary>
internal static class HealthCheckValidator
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);

    public static void Validate(HealthCheck check, JsonPath path, SpecErrors errors)
    {
        if (check.Path.Length is 0 or > SpecLimits.PathLength || check.Path[0] != '/'
            || check.Path.AsSpan().ContainsAnyExceptInRange('!', '~') || check.Path.Contains('#', StringComparison.Ordinal))
        {
            errors.Add(path.Field("path"), $"must start with '/' and hold at most {SpecLimits.PathLength} visible ASCII characters other than '#'");
        }

        if (check.GrpcService is { } service && !errors.IsMalformed(path.Field("type")))
        {
            if (check.Type != HealthCheckProtocol.Grpc)
            {
                errors.Add(path.Field("grpcService"), "belongs to checks of type grpc only");
            }
            else
            {
                Bounds.CheckLength(service, SpecLimits.PathLength, path.Field("grpcService"), errors);
            }
        }

        Bounds.CheckRange(check.Interval, ShortestInterval, LongestInterval, path.Field("interval"), errors);
        Bounds.CheckRange(check.Timeout, ShortestTimeout, LongestTimeout, path.Field("timeout"), errors);
        if (check.Timeout > check.Interval && !errors.IsMalformed(path.Field("interval")))
        {
            errors.Add(
                path.Field("timeout"),
                $"must be at most \"interval\" ({GatewayDuration.Format(check.Interval)}), not {GatewayDuration.Format(check.Timeout)}");
        }

        Bounds.CheckRange(check.UnhealthyThreshold, 1, 100, path.Field("unhealthyThreshold"), errors);
        Bounds.CheckRange(check.HealthyThreshold, 1, 100, path.Field("healthyThreshold"), errors);
    }
}
