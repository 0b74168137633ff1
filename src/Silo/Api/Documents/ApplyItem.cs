using System.Text.Json.Serialization;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Silo.Api.Documents;

/// <summary>One service in the documents of <c>/v1/apply</c> and <c>/v1/export</c>.</summary>
internal sealed record ApplyItem
{
    public string Namespace { get; init; } = ServiceName.DefaultNamespace;

    public required string Name { get; init; }

    public required ServiceSpec Spec { get; init; }

    /// <summary>
    /// The endpoints administrators gave the service, by their ids: others of theirs are removed, sidecars' are left
    /// alone. When absent, no endpoint is touched.
    /// </summary>
    public IReadOnlyDictionary<string, EndpointSpec>? Endpoints { get; init; }

    [JsonIgnore]
    public ServiceName Service => new(Namespace, Name);
}
