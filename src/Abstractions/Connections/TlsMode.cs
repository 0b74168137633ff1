using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Connections;

/// <summary>Whether the control plane's own connections (silo to silo, proxy to gateway) are mutual TLS.</summary>
[JsonConverter(typeof(PascalCaseEnumConverter<TlsMode>))]
public enum TlsMode
{
    /// <summary>Plaintext.</summary>
    Off,

    /// <summary>
    /// Both are accepted, and TLS is tried first: for the time in which a cluster changes from one to the other. It stops nobody.
    /// </summary>
    On,

    /// <summary>Only mutual TLS, and calls between silos prove that they come from one.</summary>
    Required,
}
