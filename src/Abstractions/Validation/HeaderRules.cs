using System.Collections.Frozen;

namespace Mesh.Abstractions.Validation;

/// <summary>What header names and values may be (RFC 9110, section 5), and which headers are not a rule's to change.</summary>
internal static class HeaderRules
{
    /// <summary>They belong to one connection or to the message's framing (RFC 9110, section 7.6.1; RFC 9112).</summary>
    private static readonly FrozenSet<string> ConnectionHeaders = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade", "http2-settings");

    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? ExplainName(string name)
    {
        if (name.StartsWith(':'))
        {
            return "must be a header; use \"method\" and \"path\" to match those, and \"hosts\" for the authority";
        }

        if (name.Length > SpecLimits.HeaderNameLength)
        {
            return $"has {name.Length} characters; at most {SpecLimits.HeaderNameLength} are allowed";
        }

        return HttpToken.IsValid(name) ? null : $"{Bounds.Quote(name)} is not a header name: use letters, digits and !#$%&'*+-.^_`|~ only";
    }

    public static string? ExplainValue(string value)
    {
        if (value.Length > SpecLimits.HeaderValueLength)
        {
            return $"has {value.Length} characters; at most {SpecLimits.HeaderValueLength} are allowed";
        }

        foreach (var c in value)
        {
            if (c is < ' ' and not '\t' or > '~')
            {
                return "must not contain control characters (line breaks among them) or characters outside ASCII";
            }
        }

        return value.Length > 0 && (value[0] is ' ' or '\t' || value[^1] is ' ' or '\t')
            ? "must not start or end with white space: it would not be sent"
            : null;
    }

    /// <returns>Why a modifier must leave the header alone; null when it need not.</returns>
    public static string? ExplainUnmodifiable(string name)
    {
        if (ExplainName(name) is { } problem)
        {
            return problem;
        }

        if (name.Equals("host", StringComparison.OrdinalIgnoreCase))
        {
            return "the Host header cannot be changed by a header modifier";
        }

        if (ConnectionHeaders.Contains(name))
        {
            return $"{Bounds.Quote(name)} belongs to the connection and is managed by the proxy";
        }

        return name.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase)
            ? "headers that start with \"mesh-\" are the mesh's own"
            : null;
    }
}
