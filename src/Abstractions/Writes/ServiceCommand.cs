using System.Text.Json.Serialization;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Writes;

/// <summary>One change to one service; the closed set of all writes. A pure reducer applies it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(PutSpec), "putSpec")]
[JsonDerivedType(typeof(DeleteService), "deleteService")]
[JsonDerivedType(typeof(PutRule), "putRule")]
[JsonDerivedType(typeof(DeleteRule), "deleteRule")]
[JsonDerivedType(typeof(PutTraffic), "putTraffic")]
[JsonDerivedType(typeof(Rollback), "rollback")]
[JsonDerivedType(typeof(PutEndpoint), "putEndpoint")]
[JsonDerivedType(typeof(ApplyDocument), "applyDocument")]
[JsonDerivedType(typeof(DrainEndpoint), "drainEndpoint")]
[JsonDerivedType(typeof(RemoveEndpoints), "removeEndpoints")]
public abstract record ServiceCommand;

/// <summary>Creates the service or replaces its whole spec.</summary>
public sealed record PutSpec(ServiceSpec Spec) : ServiceCommand;

/// <summary>Removes the service with its spec and endpoints; its revisions stay readable.</summary>
public sealed record DeleteService : ServiceCommand;

/// <summary>Adds a rule at the end, or replaces the rule of that name in its place.</summary>
public sealed record PutRule(RouteRule Rule) : ServiceCommand;

public sealed record DeleteRule(string Name) : ServiceCommand;

public sealed record PutTraffic(TrafficPolicy Traffic) : ServiceCommand;

/// <summary>Makes the spec of an earlier revision the newest one.</summary>
public sealed record Rollback(long Revision) : ServiceCommand;

/// <summary>Adds or replaces an endpoint; <paramref name="Source"/> <see cref="EndpointSource.Sidecar"/> gives it a lease.</summary>
public sealed record PutEndpoint(string Id, EndpointSpec Endpoint, EndpointSource Source) : ServiceCommand;

/// <summary>Adds, replaces and (for endpoints an administrator made) removes, in one write.</summary>
public sealed record ApplyDocument(ServiceSpec Spec, IReadOnlyDictionary<string, EndpointSpec>? Endpoints = null) : ServiceCommand;

public sealed record DrainEndpoint(string Id) : ServiceCommand;

/// <summary>Removes endpoints, all those that exist.</summary>
public sealed record RemoveEndpoints(IReadOnlyList<string> Ids) : ServiceCommand;
