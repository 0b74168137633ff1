using System.Buffers;
using System.Text.Json;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Admin;

/// <summary>A page that is an object with an array <c>services</c>, in the order of their names.</summary>
internal static class JsonPage
{
    public static ReadOnlyMemory<byte> Render(ServiceTable services, Action<Utf8JsonWriter, ServiceState> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteStartArray("services");
        foreach (var service in services.All.OrderBy(static service => service.Name))
        {
            write(writer, service);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
