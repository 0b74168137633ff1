using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.Registration;

/// <summary>What a proxy registers with the control plane: the application beside it, or itself as a gateway.</summary>
internal sealed record EndpointRegistration
{
    public required ServiceName Service { get; init; }

    public required string EndpointId { get; init; }

    /// <summary>Null for the inbound listener's own.</summary>
    public string? Host { get; init; }

    /// <inheritdoc cref="Host"/>
    public int? Port { get; init; }

    public ServiceProtocol? Protocol { get; init; }

    public string? Zone { get; init; }

    public int Weight { get; init; } = 1;

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public required HealthCheckOptions HealthCheck { get; init; }

    /// <returns>Null when there is nothing to register.</returns>
    public static EndpointRegistration? Of(ProxyOptions options) =>
        options.Mode == ProxyMode.Gateway ? OfGateway(options)
        : ServiceName.TryParse(options.App.Service, out var service) ? OfApplication(options, service)
        : null;

    private static EndpointRegistration OfApplication(ProxyOptions options, ServiceName service) => new()
    {
        Service = service,
        EndpointId = options.App.EndpointId ?? options.EffectiveId,
        Host = options.App.AdvertisedHost,
        Protocol = options.App.Protocol,
        Zone = options.Zone,
        Weight = options.App.Weight,
        Labels = options.App.Labels.AsReadOnly(),
        HealthCheck = options.App.HealthCheck,
    };

    private static EndpointRegistration OfGateway(ProxyOptions options) => new()
    {
        Service = ReservedNames.Gateways,
        EndpointId = options.EffectiveId,
        Host = options.Gateway.AdvertisedHost,
        Port = options.Gateway.AdvertisedPort,
        Zone = options.Zone,
        Weight = options.Gateway.Weight,
        HealthCheck = new HealthCheckOptions(),
    };
}
