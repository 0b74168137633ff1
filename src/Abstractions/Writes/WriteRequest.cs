namespace Mesh.Abstractions.Writes;

public sealed record WriteRequest
{
    public required ServiceCommand Command { get; init; }

    public Precondition Precondition { get; init; } = Precondition.None;

    /// <summary>Answer as if it had been done, and do nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Who asked, for the revisions: <c>api</c>, or <c>proxy:{id}</c>.</summary>
    public required string Author { get; init; }
}
