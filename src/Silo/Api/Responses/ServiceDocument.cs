using Mesh.Abstractions.Access;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Validation;

namespace Mesh.Silo.Api.Responses;

/// <summary>
/// A service as it is read: its spec, and read-only fields beside it. It can be sent back as it is: a write ignores
/// the read-only fields, except that the names must be those in the path. So it has every property of
/// <see cref="ServiceSpec"/>: one that it lacked, whoever reads, changes and writes back would delete.
/// </summary>
internal sealed record ServiceDocument
{
    /// <summary>The read-only fields.</summary>
    public static IReadOnlyCollection<string> ReadOnlyFields { get; } =
        ["namespace", "name", "revision", "specRevision", "updatedAt", "warnings"];

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Grows with every change of any kind, endpoints included.</summary>
    public required long Revision { get; init; }

    /// <summary>The revision at which the spec last changed: the entity tag.</summary>
    public required long SpecRevision { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    public required IReadOnlyList<int> Ports { get; init; }

    public required ServiceProtocol Protocol { get; init; }

    public required IReadOnlyList<RouteRule> Routes { get; init; }

    public required TrafficPolicy Traffic { get; init; }

    /// <inheritdoc cref="ServiceSpec.Mtls"/>
    public MtlsMode? Mtls { get; init; }

    /// <inheritdoc cref="ServiceSpec.Access"/>
    public AccessPolicy? Access { get; init; }

    /// <inheritdoc cref="ServiceSpec.NamespaceSettings"/>
    public NamespaceSettings? NamespaceSettings { get; init; }

    /// <summary>
    /// What is stored but does not work: because what it refers to does not exist yet, in the answer to a write; because it
    /// was merged from the writes of two regions that do not go together, in any answer.
    /// </summary>
    public IReadOnlyList<SpecError>? Warnings { get; init; }

    public static Representation Represent(ServiceView service, IReadOnlyList<SpecError>? warnings = null) => Representation.Of(
        new ServiceDocument
        {
            Namespace = service.Service.Namespace,
            Name = service.Service.Name,
            Revision = service.Revision,
            SpecRevision = service.SpecRevision,
            UpdatedAt = service.UpdatedAt,
            Hosts = service.Spec.Hosts,
            Ports = service.Spec.Ports,
            Protocol = service.Spec.Protocol,
            Routes = service.Spec.Routes,
            Traffic = service.Spec.Traffic,
            Mtls = service.Spec.Mtls,
            Access = service.Spec.Access,
            NamespaceSettings = service.Spec.NamespaceSettings,
            Warnings = warnings is { Count: > 0 } ? warnings : null,
        },
        service.SpecRevision);
}
