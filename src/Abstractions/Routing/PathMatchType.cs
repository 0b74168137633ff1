using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<PathMatchType>))]
public enum PathMatchType
{
    Exact,

    /// <summary>By whole segments: <c>/a</c> matches <c>/a</c> and <c>/a/b</c>, not <c>/ab</c>.</summary>
    PathPrefix,

    RegularExpression,
}
