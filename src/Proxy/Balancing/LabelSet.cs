using System.Globalization;
using System.Text;

namespace Mesh.Proxy.Balancing;

/// <summary>Labels that an endpoint must have to belong to a subset. Immutable; equal when the labels are.</summary>
internal sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly KeyValuePair<string, string>[] _labels;
    private readonly string _text;

    private LabelSet(IReadOnlyDictionary<string, string> labels)
    {
        _labels = [.. labels.OrderBy(static label => label.Key, StringComparer.Ordinal)];
        Text = string.Join(", ", _labels.Select(static label => $"{label.Key}={label.Value}"));
        var text = new StringBuilder();
        foreach (var (name, value) in _labels)
        {
            // With its lengths, so that no two sets look the same.
            text.Append(CultureInfo.InvariantCulture, $"{name.Length}:{name}={value.Length}:{value};");
        }

        _text = text.ToString();
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels => _labels;

    /// <summary>For people.</summary>
    public string Text { get; }

    /// <returns>Null when there are no labels, which means every endpoint.</returns>
    public static LabelSet? Create(IReadOnlyDictionary<string, string> labels) => labels.Count == 0 ? null : new LabelSet(labels);

    public bool IsMetBy(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (name, value) in _labels)
        {
            if (!labels.TryGetValue(name, out var held) || held != value)
            {
                return false;
            }
        }

        return true;
    }

    public bool Equals(LabelSet? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The same for equal sets only.</summary>
    public override string ToString() => _text;
}
