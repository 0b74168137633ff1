namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>A request to a region's API.</summary>
/// <param name="Service">The service it is about, as <c>namespace/name</c>.</param>
/// <param name="Json">Null when it has no body.</param>
internal sealed record PlannedWrite(HttpMethod Method, string Path, string Service, string? Json, IReadOnlyList<WriteEffect> Effects)
{
    public override string ToString() => $"{Method} {Path} {string.Join(", ", Effects.Select(static effect => $"{effect.Register[(effect.Register.IndexOf(' ') + 1)..]}={effect.Value ?? "gone"}"))}";
}
