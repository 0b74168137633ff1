using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Grains.Regions;

internal sealed class StampConverter : JsonConverter<Stamp>
{
    public override Stamp Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Stamp.TryParse(reader.GetString(), out var stamp)
            ? stamp
            : throw new JsonException("must be a stamp: milliseconds.counter@region");

    public override void Write(Utf8JsonWriter writer, Stamp value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
