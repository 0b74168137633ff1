using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Grains.Regions;

internal sealed class HybridTimeConverter : JsonConverter<HybridTime>
{
    public override HybridTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && HybridTime.TryParse(reader.GetString(), out var time)
            ? time
            : throw new JsonException("must be a clock reading: milliseconds.counter");

    public override void Write(Utf8JsonWriter writer, HybridTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
