namespace Mesh.Silo.Api.Requests;

/// <summary>The body of a rollback.</summary>
internal sealed record RollbackBody
{
    /// <summary>The revision whose spec becomes the newest.</summary>
    public required long Revision { get; init; }
}
