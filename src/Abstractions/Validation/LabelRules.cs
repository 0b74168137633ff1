using System.Buffers;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Validation;

/// <summary>The labels of endpoints, and those that choose among endpoints.</summary>
internal static class LabelRules
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-._/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static void Validate(IReadOnlyDictionary<string, string> labels, JsonPath path, SpecErrors errors)
    {
        Bounds.CheckCount(labels.Count, SpecLimits.Labels, path, errors);
        foreach (var (name, value) in labels)
        {
            if (errors.IsFull)
            {
                return;
            }

            if (name.Length is 0 or > SpecLimits.LabelNameLength || name.AsSpan().ContainsAnyExcept(NameCharacters))
            {
                errors.Add(path.Field(name), $"is not a label's name: 1 to {SpecLimits.LabelNameLength} letters, digits, or any of -._/");
            }

            if (value.Length > SpecLimits.LabelValueLength || value.Any(char.IsControl))
            {
                errors.Add(path.Field(name), $"must have at most {SpecLimits.LabelValueLength} characters, none of them a control character");
            }
        }
    }
}
