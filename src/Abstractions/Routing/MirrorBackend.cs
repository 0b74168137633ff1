using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Routing;

/// <summary>The service that gets copies (Gateway API, <c>BackendObjectReference</c>).</summary>
public sealed record MirrorBackend
{
    public required string Name { get; init; }

    /// <summary>The service's namespace; that of the rule's service when null.</summary>
    public string? Namespace { get; init; }

    public ServiceName Resolve(ServiceName owner) => new(Namespace ?? owner.Namespace, Name);
}
