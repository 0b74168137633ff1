using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<ValueMatchType>))]
public enum ValueMatchType
{
    Exact,

    /// <summary>A pattern that must match the whole value.</summary>
    RegularExpression,
}
