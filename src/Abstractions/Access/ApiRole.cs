using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Access;

/// <summary>What somebody may do at the management API. Each role may do what those before it may.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ApiRole>))]
public enum ApiRole
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Writes services, with their rules, policies and endpoints.</summary>
    Editor,

    /// <summary>Writes namespaces' settings and makes join tokens; of all namespaces also makes API tokens, changes the authority and reads the audit log.</summary>
    Admin,
}
