using System.Text.Json.Serialization;

namespace Mesh.Abstractions.Json;

/// <summary>An enumeration as its name, as the Gateway API writes them; numbers are refused.</summary>
internal sealed class PascalCaseEnumConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
