using System.Buffers;

namespace Mesh.Abstractions.Validation;

/// <summary>What an endpoint's id may be. Not "." or "..", which URLs cannot carry as a segment (RFC 3986, section 5.2.4).</summary>
public static class EndpointId
{
    public const string Rule = "1 to 128 letters, digits, or any of -._:";

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("-._:0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is > 0 and <= SpecLimits.EndpointIdLength && id is not ("." or "..") && !id.ContainsAnyExcept(Characters);
}
