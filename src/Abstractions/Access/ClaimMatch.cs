namespace Mesh.Abstractions.Access;

/// <summary>A claim of a token (RFC 7519, section 4) that has one of some values.</summary>
public sealed record ClaimMatch
{
    /// <summary>The claim's name, such as <c>sub</c>, <c>scope</c> or <c>groups</c>; of a claim in an object, the names joined by dots.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Compared whole and by case; a claim that is an array has several values, and so have the space-separated words of
    /// <c>scope</c> (RFC 8693, section 4.2) and <c>scp</c>. Any value will do when empty.
    /// </summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}
