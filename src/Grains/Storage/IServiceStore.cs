using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Services;

namespace Mesh.Grains.Storage;

/// <summary>
/// The region's durable state. Every method throws <see cref="StoreUnavailableException"/> within 2 s when the store
/// cannot be reached or does not answer.
/// </summary>
public interface IServiceStore
{
    /// <returns>Null when nothing was ever stored under that name.</returns>
    Task<ServiceRecord?> Read(ServiceName service);

    /// <returns>The revision of the stored record; 0 when nothing was ever stored under that name.</returns>
    Task<long> ReadCurrentRevision(ServiceName service);

    /// <summary>
    /// Stores a change atomically: the record if the stored one still has <paramref name="expectedRevision"/>, the
    /// region's next sequence number, the change log, the catalog entry, the revision if there is one, and the
    /// publication that wakes readers.
    /// </summary>
    /// <param name="expectedRevision">The revision the change was made from; 0 when nothing was stored.</param>
    /// <param name="revision">The entry for the service's revisions, when its spec changed.</param>
    /// <returns>False, with nothing stored, when the stored record has another revision.</returns>
    Task<bool> Write(ServiceRecord record, long expectedRevision, CatalogEntry entry, ServiceRevision? revision);

    /// <summary>The stored revisions of a service's spec, newest first, without their specs.</summary>
    Task<IReadOnlyList<ServiceRevision>> ReadRevisions(ServiceName service);

    /// <returns>Null when there is no such revision (any more).</returns>
    Task<ServiceRevision?> ReadRevision(ServiceName service, long revision);

    /// <summary>The catalog entries that changed after <paramref name="cursor"/>, each once, however often it changed.</summary>
    Task<CatalogChanges> ReadCatalog(CatalogCursor cursor);

    /// <summary>Where the change log stands now.</summary>
    Task<CatalogCursor> ReadCursor();

    /// <summary>
    /// Services that a program before the digests wrote last: regions cannot compare them. Read in bounded pages; where there
    /// are none, which is nearly always, it costs next to nothing.
    /// </summary>
    IAsyncEnumerable<ServiceName> FindWithoutDigest(CancellationToken cancellationToken);

    /// <summary>All services that exist, in no order, read in bounded pages.</summary>
    IAsyncEnumerable<ServiceRecord> ReadAll(CancellationToken cancellationToken);

    /// <summary>Completes when the store answers.</summary>
    Task Ping();
}
