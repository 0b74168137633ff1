using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Services;

/// <summary>Whether a service's instances are called by mutual TLS.</summary>
[JsonConverter(typeof(PascalCaseEnumConverter<MtlsMode>))]
public enum MtlsMode
{
    /// <summary>By mutual TLS where both proxies have an identity; plaintext is taken, and counted.</summary>
    Permissive,

    /// <summary>Plaintext is refused with 403 <c>forbidden</c>.</summary>
    Strict,

    /// <summary>Proxies call by plaintext.</summary>
    Off,
}
