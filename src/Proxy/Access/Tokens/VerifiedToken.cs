using System.Text.Json;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>The claims of a token whose signature, issuer, audience and times are right.</summary>
internal sealed class VerifiedToken : ITokenClaims
{
    private readonly Dictionary<string, HashSet<string>> _values = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string, string>> _claims = [];

    /// <param name="payload">An object.</param>
    public VerifiedToken(JsonElement payload)
    {
        foreach (var claim in payload.EnumerateObject())
        {
            if ((claim.Name is "scope" or "scp") && claim.Value.ValueKind == JsonValueKind.String)
            {
                AddWords(claim.Name, claim.Value.GetString()!);
            }
            else
            {
                Add(claim.Name, claim.Value);
            }
        }
    }

    public IReadOnlyList<KeyValuePair<string, string>> Claims => _claims;

    public bool Has(string name) => _values.ContainsKey(name);

    public bool Has(string name, string value) => _values.TryGetValue(name, out var values) && values.Contains(value);

    private void AddWords(string name, string words)
    {
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Add(name, word);
        }
    }

    private void Add(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Add(name, value.GetString()!);
                break;
            case JsonValueKind.Number:
                Add(name, value.GetRawText());
                break;
            case JsonValueKind.True:
                Add(name, "true");
                break;
            case JsonValueKind.False:
                Add(name, "false");
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    // An object in an array has no name of its own: its fields would pass for those of one object.
                    if (item.ValueKind != JsonValueKind.Object)
                    {
                        Add(name, item);
                    }
                }

                break;
            case JsonValueKind.Object:
                foreach (var field in value.EnumerateObject())
                {
                    Add($"{name}.{field.Name}", field.Value);
                }

                break;
        }
    }

    private void Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out var values))
        {
            _values[name] = values = new HashSet<string>(StringComparer.Ordinal);
        }

        if (values.Add(value))
        {
            _claims.Add(new(name, value));
        }
    }
}
