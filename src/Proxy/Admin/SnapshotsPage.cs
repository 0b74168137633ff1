using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Admin;

/// <summary>What the proxy knows: every service's revision, when it was applied, and its rules and endpoints.</summary>
internal sealed class SnapshotsPage(ServiceTable services)
{
    public ReadOnlyMemory<byte> Render() => JsonPage.Render(services, Write);

    private static void Write(Utf8JsonWriter writer, ServiceState service)
    {
        var model = service.Model;
        writer.WriteStartObject();
        writer.WriteString("service", service.Name.ToString());
        writer.WriteNumber("revision", model?.Version.Revision ?? 0);
        writer.WriteBoolean("live", service.IsLive);
        if (model is not null)
        {
            writer.WriteString("appliedAt", model.AppliedAt);
            if (model.Spec is not null)
            {
                writer.WritePropertyName("spec");
                JsonSerializer.Serialize(writer, model.Spec, MeshJson.Options);
            }

            writer.WriteStartArray("endpoints");
            foreach (var endpoint in model.Instances)
            {
                JsonSerializer.Serialize(writer, endpoint, MeshJson.Options);
            }

            writer.WriteEndArray();
        }

        if (service.Rejected is { } rejected)
        {
            writer.WriteStartObject("rejected");
            writer.WriteNumber("revision", rejected.Revision);
            writer.WriteString("reason", rejected.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
