using System.Buffers.Text;
using System.Text.Json;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Json;

namespace Mesh.Proxy.Access.Tokens;

/// <summary>What a token says before anybody has looked at its signature: believe nothing of it.</summary>
internal sealed class ParsedToken
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private ParsedToken(JsonElement header, JsonElement payload)
    {
        Payload = payload;
        Algorithm = Text(header, "alg") ?? "";
        KeyId = Text(header, "kid");
        HasCritical = header.TryGetProperty("crit", out _);
        Issuer = Text(payload, "iss");
    }

    public JsonElement Payload { get; }

    public string Algorithm { get; }

    public string? KeyId { get; }

    /// <summary>Wants extensions to be understood (RFC 7515, section 4.1.11); none is.</summary>
    public bool HasCritical { get; }

    public string? Issuer { get; }

    /// <summary>Null when it is not a signed token in its compact form (RFC 7515, section 7.1).</summary>
    public static ParsedToken? Parse(string token)
    {
        var parts = token.Split('.');
        if (parts is not [_, _, { Length: > 0 }])
        {
            return null;
        }

        try
        {
            return Decode(parts[0]) is { ValueKind: JsonValueKind.Object } header
                && Decode(parts[1]) is { ValueKind: JsonValueKind.Object } payload
                ? new ParsedToken(header, payload)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>One of its <c>aud</c> is one that counts.</summary>
    public bool IsFor(JwtIssuer issuer)
    {
        if (issuer.Audiences.Count == 0)
        {
            return true;
        }

        if (!Payload.TryGetProperty("aud", out var audience))
        {
            return false;
        }

        if (audience.ValueKind != JsonValueKind.Array)
        {
            return IsOne(audience, issuer.Audiences);
        }

        foreach (var item in audience.EnumerateArray())
        {
            if (IsOne(item, issuer.Audiences))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Seconds since 1970; null when there is none, or it is no number.</summary>
    public double? Time(string name) =>
        Payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && double.IsFinite(seconds)
            ? seconds
            : null;

    public bool Has(string name) => Payload.TryGetProperty(name, out _);

    private static bool IsOne(JsonElement value, IReadOnlyList<string> wanted)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            if (value.ValueEquals(wanted[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static JsonElement Decode(string part)
    {
        var bytes = Base64Url.DecodeFromChars(part);
        if (!StrictJson.TryParse(bytes, out _, out _))
        {
            // Else a string that is no Unicode would throw when it is read, and not before.
            throw new FormatException("no JSON, or not all of its text is Unicode");
        }

        using var document = JsonDocument.Parse(bytes, Strict);
        return document.RootElement.Clone();
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
