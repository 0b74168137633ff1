using Mesh.Abstractions.Access;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Traffic;

namespace Mesh.Abstractions.Services;

/// <summary>What an administrator wrote about a service. A service without rules routes everything to its own endpoints.</summary>
public sealed record ServiceSpec
{
    /// <summary>Extra names (DNS names, lower case) by which applications call the service.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Ports (1 to 65535) callers may ask for; any port when empty.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    public ServiceProtocol Protocol { get; init; }

    /// <summary>Rules with names unique in the service; the Gateway API's precedence decides between matches.</summary>
    public IReadOnlyList<RouteRule> Routes { get; init; } = [];

    public TrafficPolicy Traffic { get; init; } = new();

    /// <summary>Whether the service is called by mutual TLS. Null is <see cref="MtlsMode.Permissive"/>.</summary>
    public MtlsMode? Mtls { get; init; }

    /// <summary>Who may call the service. Null is what the namespace's settings say.</summary>
    public AccessPolicy? Access { get; init; }

    /// <summary>Only of the record that holds a namespace's settings (<see cref="NamespaceSettings.Of"/>); null everywhere else.</summary>
    public NamespaceSettings? NamespaceSettings { get; init; }
}
