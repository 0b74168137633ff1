using System.Text.Json;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Telemetry;

/// <summary>Series of limits; what they refuse is in <c>mesh_errors_total</c>.</summary>
internal static class LimitMetrics
{
    public static void Write(PrometheusWriter writer, (ServiceState State, ServiceModel? Model)[] services, LoadShedder shedder)
    {
        writer.Family("mesh_limited_requests", "gauge", "Requests in flight to services that limit them.");
        WriteGates(writer, "mesh_limited_requests", services, static gate => gate.InFlight);
        writer.Family("mesh_pending_requests", "gauge", "Requests that wait because their service has as many as it may.");
        WriteGates(writer, "mesh_pending_requests", services, static gate => gate.Waiting);

        writer.Family("mesh_rate_limit_part", "gauge", "This proxy's part of a service's rate limit; 1 is all of it.");
        foreach (var (state, model) in services)
        {
            if (model?.RateLimit is { } limit)
            {
                writer.Sample("mesh_rate_limit_part", LabelOf(state), limit.Part ?? 1);
            }
        }

        writer.Family("mesh_shed_requests_total", "counter", "Requests refused because the proxy itself is overloaded.");
        foreach (var reason in LoadShedder.AllReasons)
        {
            var label = PrometheusWriter.Labels(("reason", JsonNamingPolicy.CamelCase.ConvertName(reason.ToString())));
            writer.Sample("mesh_shed_requests_total", label, shedder.CountOf(reason));
        }
    }

    private static void WriteGates(
        PrometheusWriter writer, string name, (ServiceState State, ServiceModel? Model)[] services, Func<RequestGate, double> value)
    {
        foreach (var (state, _) in services)
        {
            if (state.Gate is { } gate)
            {
                writer.Sample(name, LabelOf(state), value(gate));
            }
        }
    }

    private static string LabelOf(ServiceState state) => PrometheusWriter.Labels(("service", state.Name.ToString()));
}
