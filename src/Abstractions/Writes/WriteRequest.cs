namespace Mesh.Abstractions.Writes;

public sealed record WriteRequest
{
    public required ServiceCommand Command { get; init; }

    public Precondition Precondition { get; init; } = Precondition.None;

    /// <summary>Answer as if it had been done, and do nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>What asked, for the revisions: <c>api</c>, or <c>proxy:{id}</c>.</summary>
    public required string Author { get; init; }

    /// <summary>Who of those that use the API: the name that was proved, such as <c>token:ci</c>. Null when nobody says.</summary>
    public string? By { get; init; }

    /// <summary>The network address that the request came from. Null when nobody says.</summary>
    public string? From { get; init; }
}
