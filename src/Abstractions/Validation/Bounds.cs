using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>The checks that every group of fields needs.</summary>
internal static class Bounds
{
    public static void CheckCount(int count, int max, JsonPath path, SpecErrors errors)
    {
        if (count > max)
        {
            errors.Add(path, $"has {count} items; at most {max} are allowed");
        }
    }

    /// <returns>Whether the value is in the range.</returns>
    public static bool CheckRange(int value, int min, int max, JsonPath path, SpecErrors errors)
    {
        if (value >= min && value <= max)
        {
            return true;
        }

        errors.Add(path, $"must be from {min} to {max}, not {value}");
        return false;
    }

    public static void CheckRange(TimeSpan value, TimeSpan min, TimeSpan max, JsonPath path, SpecErrors errors)
    {
        if (value < min || value > max)
        {
            errors.Add(path, $"must be from {GatewayDuration.Format(min)} to {GatewayDuration.Format(max)}, not {GatewayDuration.Format(value)}");
        }
    }

    /// <returns>Whether the text is neither empty nor too long.</returns>
    public static bool CheckLength(string text, int max, JsonPath path, SpecErrors errors)
    {
        if (text.Length == 0)
        {
            errors.Add(path, "must not be empty");
            return false;
        }

        if (text.Length > max)
        {
            errors.Add(path, $"has {text.Length} characters; at most {max} are allowed");
            return false;
        }

        return true;
    }

    /// <summary>A text from a document as part of a message: quoted, and not at full length.</summary>
    public static string Quote(string text) => text.Length <= 80 ? $"\"{text}\"" : $"\"{text.AsSpan(0, 80)}…\"";
}
