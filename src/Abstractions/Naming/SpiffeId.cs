using System.Buffers;

namespace Mesh.Abstractions.Naming;

/// <summary>Identities of applications (the SPIFFE standard, "SPIFFE-ID"): <c>spiffe://trust-domain/ns/namespace/svc/name</c>.</summary>
public static class SpiffeId
{
    /// <summary>The longest, in characters.</summary>
    public const int MaxLength = 2048;

    private const string Scheme = "spiffe://";

    private static readonly SearchValues<char> DomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    /// <summary>The identity of a service's instances.</summary>
    public static string Of(string trustDomain, ServiceName service) => $"{Scheme}{trustDomain}/ns/{service.Namespace}/svc/{service.Name}";

    /// <summary>The trust domain of a valid identity.</summary>
    public static ReadOnlySpan<char> TrustDomainOf(string identity)
    {
        var rest = identity.AsSpan(Scheme.Length);
        return rest[..rest.IndexOf('/')];
    }

    /// <summary>The service whose instances have an identity; false when it is of no service.</summary>
    public static bool TryGetService(string identity, out ServiceName service)
    {
        service = default;
        if (!IsValid(identity) || identity.Split('/') is not [_, _, var domain, "ns", var space, "svc", var name]
            || !ServiceName.TryParse($"{space}/{name}", out var parsed) || identity != Of(domain, parsed))
        {
            return false;
        }

        service = parsed;
        return true;
    }

    /// <summary>Whether a text is the name of a trust domain.</summary>
    public static bool IsTrustDomain(ReadOnlySpan<char> text) => text.Length is > 0 and <= 255 && !text.ContainsAnyExcept(DomainCharacters);

    /// <summary>Whether a text is the identity of something in a trust domain: its path is not empty.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[Scheme.Length..];
        var slash = text.IndexOf('/');
        if (slash < 0 || !IsTrustDomain(text[..slash]))
        {
            return false;
        }

        var path = text[(slash + 1)..];
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            if (segment.Length == 0 || segment is "." or ".." || segment.ContainsAnyExcept(PathCharacters))
            {
                return false;
            }
        }

        return true;
    }
}
