namespace Mesh.Abstractions.Access;

/// <summary>One rule: requests of these callers to these places.</summary>
public sealed record AccessRule
{
    /// <summary>A DNS-1123 label, unique among the service's access rules.</summary>
    public required string Name { get; init; }

    public required AccessAction Action { get; init; }

    /// <summary>Who calls; anybody when null.</summary>
    public AccessSource? From { get; init; }

    /// <summary>What is called; anything when null.</summary>
    public AccessTarget? To { get; init; }

    /// <summary>Of a deny rule: only reports what it would refuse.</summary>
    public bool Audit { get; init; }
}
