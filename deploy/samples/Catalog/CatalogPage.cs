namespace Mesh.Samples.Catalog;

/// <summary>What <c>GET /items</c> answers.</summary>
/// <param name="Version">Which version of the catalog answered.</param>
internal sealed record CatalogPage(string Version, IReadOnlyList<CatalogItem> Items);
