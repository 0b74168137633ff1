using System.Text.Json;

namespace Mesh.Contracts.Tests;

/// <summary>What of a recorded document another one lacks, or has otherwise. Members that came later do not count.</summary>
internal static class JsonDifference
{
    public static IReadOnlyList<string> Find(string recorded, string now)
    {
        using var left = JsonDocument.Parse(recorded);
        using var right = JsonDocument.Parse(now);
        return [.. Find(left.RootElement, right.RootElement, "$")];
    }

    public static IEnumerable<string> Find(JsonElement recorded, JsonElement now, string path)
    {
        if (recorded.ValueKind != now.ValueKind)
        {
            return [$"{path} was {recorded} and is {now}"];
        }

        return recorded.ValueKind switch
        {
            JsonValueKind.Object => recorded.EnumerateObject().SelectMany(member => now.TryGetProperty(member.Name, out var value)
                ? Find(member.Value, value, $"{path}.{member.Name}")
                : [$"{path}.{member.Name} is lost; it was {member.Value}"]),
            JsonValueKind.Array when recorded.GetArrayLength() == now.GetArrayLength() => recorded.EnumerateArray()
                .Zip(now.EnumerateArray())
                .SelectMany((pair, i) => Find(pair.First, pair.Second, $"{path}[{i}]")),
            JsonValueKind.Array => [$"{path} had {recorded.GetArrayLength()} items and has {now.GetArrayLength()}"],
            _ when JsonElement.DeepEquals(recorded, now) => [],
            _ => [$"{path} was {recorded} and is {now}"],
        };
    }
}
