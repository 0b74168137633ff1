namespace Mesh.Grains.Links;

/// <summary>A place in the log of a peer's shard.</summary>
/// <param name="Epoch">The life of the peer's store that the number belongs to.</param>
/// <param name="Sequence">The newest change that was taken up.</param>
internal sealed record LinkPlace(string Epoch, long Sequence)
{
    public static LinkPlace Start { get; } = new("", 0);
}
