using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Services;

/// <summary>What a service's endpoints speak. It is declared, never guessed from the first bytes.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ServiceProtocol>))]
public enum ServiceProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http,

    /// <summary>HTTP/2 with prior knowledge (RFC 9113, section 3.3).</summary>
    Http2,

    /// <summary>gRPC over HTTP/2.</summary>
    Grpc,
}
