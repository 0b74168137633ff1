namespace Mesh.Samples.Catalog;

/// <param name="Price">In euro, such as <c>1.20</c>.</param>
internal sealed record CatalogItem(string Article, string Price);
