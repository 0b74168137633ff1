namespace Mesh.Silo.Api.Documents;

/// <summary>What <c>/v1/export</c> writes. <c>/v1/apply</c> takes it, an array of its items, or a single item.</summary>
internal sealed record ApplyFile
{
    public required IReadOnlyList<ApplyItem> Services { get; init; }
}
