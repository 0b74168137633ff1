using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Writes;

/// <summary>The fields that are checked and stored but that proxies do not act on: the one list of them.</summary>
internal static class UnappliedFields
{
    private static readonly (string Name, Func<RouteRule, object?> Value)[] OfRule =
    [
        ("retry", static rule => rule.Retry),
    ];

    private static readonly (string Name, Func<TrafficPolicy, object?> Value)[] OfTraffic =
    [
        ("outlierDetection", static traffic => traffic.OutlierDetection),
        ("retryBudget", static traffic => traffic.RetryBudget),
    ];

    public static void Warn(ServiceSpec spec, JsonPath path, List<SpecError> warnings)
    {
        for (var i = 0; i < spec.Routes.Count; i++)
        {
            Warn(spec.Routes[i], path.Field("routes").Item(i), warnings);
        }

        Warn(spec.Traffic, path.Field("traffic"), warnings);
    }

    public static void Warn(RouteRule rule, JsonPath path, List<SpecError> warnings) => Warn(rule, OfRule, path, warnings);

    public static void Warn(TrafficPolicy traffic, JsonPath path, List<SpecError> warnings) => Warn(traffic, OfTraffic, path, warnings);

    private static void Warn<T>(T owner, (string Name, Func<T, object?> Value)[] fields, JsonPath path, List<SpecError> warnings)
    {
        foreach (var (name, value) in fields)
        {
            if (value(owner) is not null)
            {
                warnings.Add(new SpecError(path.Field(name).ToString(), "is stored, but the proxies do not act on it yet"));
            }
        }
    }
}
