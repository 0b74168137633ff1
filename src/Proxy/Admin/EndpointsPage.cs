using System.Buffers;
using System.Text.Json;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Admin;

/// <summary>What the proxy measured of every endpoint it knows.</summary>
internal sealed class EndpointsPage(ServiceTable services, TimeProvider time)
{
    public ReadOnlyMemory<byte> Render()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true });
        var now = time.GetTimestamp();
        writer.WriteStartObject();
        writer.WriteStartArray("services");
        foreach (var service in services.All.OrderBy(static service => service.Name))
        {
            if (service.Model is not { IsDeleted: false } model)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("service", service.Name.ToString());
            writer.WriteStartArray("endpoints");
            foreach (var endpoint in model.Endpoints.All)
            {
                Write(writer, endpoint, now);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, UpstreamEndpoint endpoint, long now)
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
        writer.WriteEndObject();
    }
}
