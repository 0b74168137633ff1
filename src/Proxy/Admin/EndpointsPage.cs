using System.Text.Json;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Admin;

/// <summary>What the proxy measured of every endpoint it knows.</summary>
internal sealed class EndpointsPage(ServiceTable services, TimeProvider time)
{
    public ReadOnlyMemory<byte> Render()
    {
        var now = time.GetTimestamp();
        return JsonPage.Render(services, (writer, service) =>
        {
            if (service.Model is not { IsDeleted: false } model)
            {
                return;
            }

            writer.WriteStartObject();
            writer.WriteString("service", service.Name.ToString());
            writer.WriteBoolean("panic", model.Endpoints.IsPanic);
            writer.WriteStartArray("endpoints");
            foreach (var endpoint in model.Endpoints.All)
            {
                Write(writer, endpoint, model, now);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private void Write(Utf8JsonWriter writer, UpstreamEndpoint endpoint, ServiceModel model, long now)
    {
        var stats = endpoint.Stats;
        writer.WriteStartObject();
        writer.WriteString("id", endpoint.Endpoint.Id);
        writer.WriteString("region", endpoint.Endpoint.Region);
        writer.WriteString("zone", endpoint.Endpoint.Zone);
        if (model.Endpoints.LevelOf(endpoint) is { } level)
        {
            writer.WriteString("level", level);
        }

        writer.WriteString("address", endpoint.Address);
        if (endpoint.Endpoint.Identity is { } identity)
        {
            writer.WriteString("identity", identity);
        }

        writer.WriteString("state", endpoint.Endpoint.State.ToString());
        writer.WriteNumber("weight", endpoint.Endpoint.Weight);
        writer.WriteNumber("latencyEstimateMs", Math.Round(stats.LatencyMilliseconds(now), 3));
        writer.WriteNumber("inFlight", stats.InFlight);
        writer.WriteNumber("requests", stats.Requests);
        writer.WriteNumber("failures", stats.Failures);
        if (stats.IsPenalized(now))
        {
            writer.WriteString("penalizedUntil", DateOf(stats.PenalizedUntil, now));
        }

        if (model.Endpoints.Ramp is { } ramp && now < ramp.EndOf(stats))
        {
            writer.WriteNumber("slowStartPercent", Math.Round(100 * ramp.Factor(stats, now)));
        }

        if (model.Spec!.Traffic.HealthCheck is not null)
        {
            WriteHealth(writer, stats.Health);
        }

        if (model.Endpoints.Outliers is not null)
        {
            WriteEjection(writer, stats.Ejection, now);
        }

        writer.WriteEndObject();
    }

    private static void WriteHealth(Utf8JsonWriter writer, CheckedHealth health)
    {
        writer.WriteString("health", health.IsFailing ? "Unhealthy" : health.Checks == 0 ? "Unchecked" : "Healthy");
        if (health.Problem is { } problem)
        {
            writer.WriteString("healthProblem", problem);
        }
    }

    private void WriteEjection(Utf8JsonWriter writer, EjectionState state, long now)
    {
        writer.WriteNumber("consecutiveFailures", state.ConsecutiveFailures);
        writer.WriteNumber("consecutiveGatewayErrors", state.ConsecutiveGatewayErrors);
        if (state.Outcomes?.Sum(now) is { Tries: > 0 } outcomes)
        {
            writer.WriteNumber("successPercent", Math.Round(100.0 * (outcomes.Tries - outcomes.Failures) / outcomes.Tries, 1));
        }

        writer.WriteNumber("ejections", state.Ejections);
        writer.WriteString("ejection", state.Phase.ToString());
        if (state.Phase == EjectionPhase.Ejected)
        {
            writer.WriteString("ejectedUntil", DateOf(state.Until, now));
        }
    }

    private DateTimeOffset DateOf(long timestamp, long now) => time.GetUtcNow() + time.GetElapsedTime(now, timestamp);
}
