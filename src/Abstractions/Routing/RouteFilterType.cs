using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<RouteFilterType>))]
public enum RouteFilterType
{
    RequestHeaderModifier,
    ResponseHeaderModifier,
}
