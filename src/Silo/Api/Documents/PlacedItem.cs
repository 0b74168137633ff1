using Mesh.Abstractions.Json;

namespace Mesh.Silo.Api.Documents;

/// <summary>An item, and where it stands in the body.</summary>
internal sealed record PlacedItem(ApplyItem Item, JsonPath Path);
