using System.Text.Json.Serialization;

namespace Mesh.Silo.Api.Documents;

/// <summary>What an apply did to a service.</summary>
[JsonConverter(typeof(ApplyOutcomeConverter))]
internal enum ApplyOutcome
{
    Created,
    Updated,
    Unchanged,

    /// <summary>It may or may not have been stored; apply again.</summary>
    Failed,
}
