using System.Text.Json;

namespace Mesh.Contracts.Tests.Description;

/// <summary>
/// Reads JSON as programs of a recorded contract do: what they need has to be there and of the right kind; what they do
/// not know is skipped.
/// </summary>
internal sealed class OldReader(IReadOnlyList<ContractLine> contract)
{
    private readonly ILookup<string, ContractLine> _members = contract
        .Where(static line => line.Kind is "json")
        .ToLookup(static line => line.Subject["json ".Length..].Split('.')[0]);

    private readonly HashSet<string> _values =
        [.. contract.Where(static line => line.Kind == "enum").Select(static line => line.Subject["enum ".Length..])];

    /// <returns>What such a program stumbles over; empty when nothing.</returns>
    public IReadOnlyList<string> Read(string json, string type)
    {
        var problems = new List<string>();
        using var document = JsonDocument.Parse(json);
        Check(document.RootElement, $"object {type}", type, problems);
        return problems;
    }

    private void Check(JsonElement value, string kind, string path, List<string> problems)
    {
        var (word, rest) = kind.Split(' ', 2) is [var first, var more] ? (first, more) : (kind, "");
        var isRight = word switch
        {
            "object" or "map" => value.ValueKind == JsonValueKind.Object,
            "list" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "bool" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "enum" => _values.Contains($"{rest}.{value}"),
            _ => true,
        };
        if (!isRight)
        {
            problems.Add($"{path} is not {kind}: {value}");
            return;
        }

        switch (word)
        {
            case "object":
                CheckObject(value, rest, path, problems);
                break;
            case "map":
                foreach (var member in value.EnumerateObject())
                {
                    Check(member.Value, rest["of ".Length..], $"{path}[{member.Name}]", problems);
                }

                break;
            case "list":
                foreach (var item in value.EnumerateArray())
                {
                    Check(item, rest["of ".Length..], $"{path}[]", problems);
                }

                break;
        }
    }

    private void CheckObject(JsonElement value, string type, string path, List<string> problems)
    {
        foreach (var member in _members[type])
        {
            var name = member.Subject.Split('.')[1];
            var parts = member.Is.Split(", ");
            if (!value.TryGetProperty(name, out var found))
            {
                if (member.IsRequired)
                {
                    problems.Add($"{path}.{name} is missing");
                }
            }
            else if (found.ValueKind != JsonValueKind.Null)
            {
                Check(found, parts[0], $"{path}.{name}", problems);
            }
            else if (!parts.Contains("or null"))
            {
                problems.Add($"{path}.{name} is null");
            }
        }
    }
}
