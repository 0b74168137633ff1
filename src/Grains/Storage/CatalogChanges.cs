using Mesh.Abstractions.Catalog;

namespace Mesh.Grains.Storage;

/// <param name="Entries">The entries that changed, deleted services included.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="IsReset">The log is shorter than the cursor (an emptied or restored store): all entries are here, forget the others.</param>
public sealed record CatalogChanges(IReadOnlyList<CatalogEntry> Entries, CatalogCursor Cursor, bool IsReset);
