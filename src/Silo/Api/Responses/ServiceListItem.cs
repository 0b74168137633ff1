using Mesh.Abstractions.Catalog;

namespace Mesh.Silo.Api.Responses;

/// <summary>A service in the list of services.</summary>
internal sealed record ServiceListItem(
    string Namespace,
    string Name,
    long Revision,
    long SpecRevision,
    IReadOnlyList<string> Hosts,
    int Rules,
    int Endpoints)
{
    public static ServiceListItem Of(CatalogEntry entry) => new(
        entry.Service.Namespace,
        entry.Service.Name,
        entry.Revision,
        entry.SpecRevision,
        entry.Hosts,
        entry.Rules,
        entry.Endpoints);
}
