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

    /// <summary>HTTP/2 where an endpoint speaks it, else HTTP/1.1: each proxy learns it once per endpoint.</summary>
    Auto,

    /// <summary>Bytes, forwarded as they are. Callers reach the service on a port of its own.</summary>
    Tcp,
}
