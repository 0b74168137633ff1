using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Proxies;

/// <summary>Who a proxy says it is.</summary>
[GenerateSerializer, Immutable, Alias("mesh.ProxyInfo")]
public sealed record ProxyInfo
{
    [Id(0)] public required string Id { get; init; }

    [Id(1)] public required string Namespace { get; init; }

    [Id(2)] public string? Zone { get; init; }

    /// <summary>The service of the application beside it, if any.</summary>
    [Id(3)] public ServiceName? Service { get; init; }

    /// <summary>The program's version.</summary>
    [Id(4)] public required string Version { get; init; }

    [Id(5)] public DateTimeOffset StartedAt { get; init; }
}
