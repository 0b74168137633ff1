using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<PathModifierType>))]
public enum PathModifierType
{
    ReplaceFullPath,
    ReplacePrefixMatch,
}
