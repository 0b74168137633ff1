using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Traffic;

[JsonConverter(typeof(CamelCaseEnumConverter<HealthCheckProtocol>))]
public enum HealthCheckProtocol
{
    Http,
    Grpc,

    /// <summary>A connection that can be made is a success.</summary>
    Tcp,
}
