using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Abstractions.Json;

/// <summary>Whether a value is of a type's kind; for all but objects and lists, whether it is right altogether.</summary>
internal static class StrictJsonValue
{
    private static readonly ConcurrentDictionary<Type, string[]> EnumNames = new();

    /// <returns>What is wrong and what would be right; null when nothing is.</returns>
    public static string? Check(JsonElement value, JsonTypeInfo type)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return "must not be null";
        }

        return type.Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => Expect(value, JsonValueKind.Object, "an object"),
            JsonTypeInfoKind.Enumerable => Expect(value, JsonValueKind.Array, "an array"),
            _ => CheckScalar(value, Nullable.GetUnderlyingType(type.Type) ?? type.Type),
        };
    }

    /// <summary>Writes the simplest value a type can have, in place of one that is missing or wrong.</summary>
    public static void WriteStandIn(Utf8JsonWriter writer, JsonTypeInfo type)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                writer.WriteStartObject();
                foreach (var field in StrictJsonContract.Of(type).Required)
                {
                    writer.WritePropertyName(field.Name);
                    WriteStandIn(writer, field.Type);
                }

                writer.WriteEndObject();
                break;
            case JsonTypeInfoKind.Dictionary:
                writer.WriteStartObject();
                writer.WriteEndObject();
                break;
            case JsonTypeInfoKind.Enumerable:
                writer.WriteStartArray();
                writer.WriteEndArray();
                break;
            default:
                WriteScalarStandIn(writer, Nullable.GetUnderlyingType(type.Type) ?? type.Type);
                break;
        }
    }

    private static void WriteScalarStandIn(Utf8JsonWriter writer, Type type)
    {
        if (type == typeof(string))
        {
            writer.WriteStringValue("");
        }
        else if (type.IsEnum)
        {
            writer.WriteStringValue(NamesOf(type)[0]);
        }
        else if (type == typeof(TimeSpan))
        {
            writer.WriteStringValue("0s");
        }
        else if (type == typeof(bool))
        {
            writer.WriteBooleanValue(false);
        }
        else
        {
            writer.WriteNumberValue(0);
        }
    }

    private static string? CheckScalar(JsonElement value, Type type)
    {
        if (type == typeof(string))
        {
            return Expect(value, JsonValueKind.String, "a string");
        }

        if (type == typeof(bool))
        {
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : $"must be true or false, not {Describe(value)}";
        }

        if (type == typeof(int))
        {
            return CheckNumber(value, value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _), int.MinValue, int.MaxValue);
        }

        if (type == typeof(long))
        {
            return CheckNumber(value, value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _), long.MinValue, long.MaxValue);
        }

        if (type == typeof(TimeSpan))
        {
            return value.ValueKind == JsonValueKind.String && GatewayDuration.TryParse(value.GetString(), out _)
                ? null
                : $"must be {GatewayDuration.Rule}, not {Describe(value)}";
        }

        return type.IsEnum ? CheckEnum(value, type) : CheckByConverter(value, type);
    }

    private static string? CheckNumber(JsonElement value, bool isRight, long min, long max)
    {
        if (isRight)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number
            ? $"must be a whole number from {min} to {max}, written without fraction or exponent"
            : $"must be a whole number, not {Describe(value)}";
    }

    private static string? CheckEnum(JsonElement value, Type type)
    {
        var names = NamesOf(type);
        return value.ValueKind == JsonValueKind.String && names.Contains(value.GetString(), StringComparer.Ordinal)
            ? null
            : $"must be one of {string.Join(", ", names.Select(static name => $"\"{name}\""))}, not {Describe(value)}";
    }

    private static string? CheckByConverter(JsonElement value, Type type)
    {
        try
        {
            value.Deserialize(type, MeshJson.Options);
            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }

    private static string? Expect(JsonElement value, JsonValueKind kind, string what) =>
        value.ValueKind == kind ? null : $"must be {what}, not {Describe(value)}";

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String when value.GetString() is { Length: <= 40 } text => $"\"{text}\"",
        JsonValueKind.String => "a longer string",
        JsonValueKind.Number when value.GetRawText() is { Length: <= 40 } text => $"the number {text}",
        JsonValueKind.Number => "a longer number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    private static string[] NamesOf(Type type) => EnumNames.GetOrAdd(type, static type =>
        [.. Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToElement(value, type, MeshJson.Options).GetString()!)]);
}
