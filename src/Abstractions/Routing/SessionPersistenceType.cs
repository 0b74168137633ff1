using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Routing;

[JsonConverter(typeof(PascalCaseEnumConverter<SessionPersistenceType>))]
public enum SessionPersistenceType
{
    Cookie,
    Header,
}
