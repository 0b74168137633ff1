using System.Text.Json.Serialization;
using Mesh.Abstractions.Json;

namespace Mesh.Abstractions.Access;

/// <summary>What an access rule does with requests that it matches.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<AccessAction>))]
public enum AccessAction
{
    Allow,

    /// <summary>Goes before every allow rule.</summary>
    Deny,
}
