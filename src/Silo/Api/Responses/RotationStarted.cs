namespace Mesh.Silo.Api.Responses;

internal sealed record RotationStarted
{
    /// <summary>When the new root begins to sign.</summary>
    public required DateTimeOffset SignsFrom { get; init; }
}
