using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Access;

/// <summary>What happens to requests that no access rule matches.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<AccessDefault>))]
public enum AccessDefault
{
    /// <summary>They are let in.</summary>
    Allow,

    /// <summary>They are let in when the caller has proved its identity by mutual TLS.</summary>
    Authenticated,

    /// <summary>They are refused.</summary>
    Deny,
}
