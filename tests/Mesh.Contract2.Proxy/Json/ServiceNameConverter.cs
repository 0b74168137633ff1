using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Json;

internal sealed class ServiceNameConverter : JsonConverter<ServiceName>
{
    public override ServiceName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ServiceName.Parse(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, ServiceName value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
