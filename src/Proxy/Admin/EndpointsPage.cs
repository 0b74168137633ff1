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
            writer.WriteStartArray("endpoints");
            foreach (var endpoint in model.Endpoints.All)
            {
                Write(writer, endpoint, model.Endpoints.Outliers is not null, now);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private void Write(Utf8JsonWriter writer, UpstreamEndpoint endpoint, bool isWatched, long now)
    {
        writer.WriteStartObject();
        writer.WriteString("id", endpoint.Endpoint.Id);
        writer.WriteString("region", endpoint.Endpoint.Region);
        writer.WriteString("address", endpoint.Address);
        writer.WriteString("state", endpoint.Endpoint.State.ToString());
        writer.WriteNumber("weight", endpoint.Endpoint.Weight);
        writer.WriteNumber("latencyEstimateMs", Math.Round(endpoint.Stats.LatencyMilliseconds(now), 3));
        writer.WriteNumber("inFlight", endpoint.Stats.InFlight);
        writer.WriteNumber("requests", endpoint.Stats.Requests);
        writer.WriteNumber("failures", endpoint.Stats.Failures);
        if (isWatched)
        {
            WriteEjection(writer, endpoint.Stats.Ejection, now);
        }

        writer.WriteEndObject();
    }

    private void WriteEjection(Utf8JsonWriter writer, EjectionState state, long now)
    {
        writer.WriteNumber("consecutiveFailures", state.ConsecutiveFailures);
        writer.WriteNumber("ejections", state.Ejections);
        writer.WriteString("ejection", state.Phase.ToString());
        if (state.Phase == EjectionPhase.Ejected)
        {
            writer.WriteString("ejectedUntil", time.GetUtcNow() + time.GetElapsedTime(now, state.Until));
        }
    }
}
