using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Endpoints;

/// <summary>Who registered an endpoint. Only a <see cref="Sidecar"/>'s has a lease.</summary>
[JsonConverter(typeof(PascalCaseEnumConverter<EndpointSource>))]
public enum EndpointSource
{
    Api,
    Sidecar,
}
