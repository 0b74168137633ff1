using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Endpoints;

[JsonConverter(typeof(PascalCaseEnumConverter<EndpointState>))]
public enum EndpointState
{
    Ready,

    /// <summary>Known, but its health check fails; no requests go there.</summary>
    NotReady,

    /// <summary>Finishes what it has; no new requests go there.</summary>
    Draining,
}
