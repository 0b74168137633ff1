using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Abstractions.Json;

internal sealed class GatewayDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && GatewayDuration.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException($"must be {GatewayDuration.Rule}");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(GatewayDuration.Format(value));
}
