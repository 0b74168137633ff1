using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Json;

/// <summary>A <see cref="ServiceName"/> as the string <c>namespace/name</c>.</summary>
internal sealed class ServiceNameConverter : JsonConverter<ServiceName>
{
    public override ServiceName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && ServiceName.TryParse(reader.GetString(), out var service)
            ? service
            : throw new JsonException($"must be a service, written namespace/name, each {DnsLabel.Rule}");

    public override void Write(Utf8JsonWriter writer, ServiceName value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
