using System.Globalization;
using System.Text;

namespace Mesh.Abstractions.Json;

/// <summary>
/// A place in a JSON document, written as a normalised JSONPath (RFC 9535) such as <c>$.routes[0].name</c>. Cheap to
/// extend; the text is only made when something is wrong there.
/// </summary>
public sealed class JsonPath
{
    /// <summary>Longer names are cut in the text: they come from whoever wrote the document.</summary>
    private const int MaxNameLength = 80;

    private readonly JsonPath? _parent;
    private readonly string? _name;
    private readonly int _index;

    private JsonPath(JsonPath? parent, string? name, int index)
    {
        _parent = parent;
        _name = name;
        _index = index;
    }

    /// <summary>The whole document: <c>$</c>.</summary>
    public static JsonPath Root { get; } = new(null, null, 0);

    public JsonPath Field(string name) => new(this, name, 0);

    public JsonPath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (_parent is null)
        {
            text.Append('$');
            return;
        }

        _parent.Append(text);
        if (_name is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{_index}]");
        }
        else if (IsShorthand(_name))
        {
            text.Append('.').Append(_name);
        }
        else
        {
            AppendQuoted(text, _name);
        }
    }

    private static bool IsShorthand(string name)
    {
        if (name.Length is 0 or > MaxNameLength || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }

    private static void AppendQuoted(StringBuilder text, string name)
    {
        text.Append("['");
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, MaxNameLength)))
        {
            _ = c switch
            {
                '\'' or '\\' => text.Append('\\').Append(c),
                _ when char.IsControl(c) || char.IsSurrogate(c) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append(name.Length > MaxNameLength ? "…']" : "']");
    }
}
