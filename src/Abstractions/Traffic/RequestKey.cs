namespace Mesh.Abstractions.Traffic;

/// <summary>A part of a request that tells clients apart: exactly one member.</summary>
public sealed record RequestKey
{
    /// <summary>The value of a header.</summary>
    public string? Header { get; init; }

    /// <summary>The value of a cookie.</summary>
    public string? Cookie { get; init; }

    /// <summary>The address of the connection's other side; only <c>true</c> means something.</summary>
    public bool SourceAddress { get; init; }
}
