using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Grains.Services;

/// <summary>The forms in which a record leaves its grain.</summary>
internal static class ServiceViews
{
    public static ServiceView? ToView(this ServiceRecord record, IReadOnlyList<string> preserved) => record.Spec is null
        ? null
        : new ServiceView
        {
            Service = record.Service,
            Revision = record.Revision,
            SpecRevision = record.SpecRevision,
            UpdatedAt = record.UpdatedAt,
            Spec = record.Spec,
            Endpoints = record.AllEndpoints(),
            PreservedEndpoints = preserved,
        };

    public static EncodedSnapshot ToSnapshot(this ServiceRecord record) => EncodedSnapshot.From(new ServiceSnapshot
    {
        Service = record.Service,
        Revision = record.Revision,
        Spec = record.Spec,
        Endpoints = record.Spec is null ? [] : record.AllEndpoints(),
    });

    public static CatalogEntry ToCatalogEntry(this ServiceRecord record) => new()
    {
        Service = record.Service,
        Revision = record.Revision,
        SpecRevision = record.SpecRevision,
        Hosts = record.Spec?.Hosts ?? [],
        Rules = record.Spec?.Routes.Count ?? 0,
        Endpoints = record.Endpoints.Values.Sum(static endpoints => endpoints.Count),
        Deleted = record.Spec is null,
    };
}
