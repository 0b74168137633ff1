using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Abstractions.Json;

/// <summary>An enumeration as its name in camelCase; numbers are refused.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
