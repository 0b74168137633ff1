using System.Text.Json.Serialization.Metadata;

namespace Mesh.Abstractions.Json;

/// <summary>A field a type has in JSON.</summary>
internal sealed record StrictJsonField(string Name, JsonTypeInfo Type, bool IsRequired, bool AllowsNull);
