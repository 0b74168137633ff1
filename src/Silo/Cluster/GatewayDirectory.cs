using Mesh.Abstractions.Proxies;
using Mesh.Silo.Api;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Mesh.Silo.Cluster;

/// <summary>Where the gateways are, kept up to date with the cluster's membership, so that a proxy's question waits for nobody.</summary>
internal sealed partial class GatewayDirectory(
    HubDirectory hubs,
    IClusterMembershipService membership,
    IOptions<ClusterOptions> cluster,
    Grains.MeshRegion region,
    ILogger<GatewayDirectory> logger) : BackgroundService, IGatewayDirectory
{
    private volatile GatewayList _current = Empty(cluster.Value, region);

    public GatewayList Current => _current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Refresh();
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                await Refresh();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task Refresh()
    {
        var before = _current.Gateways.Count;
        var gateways = await hubs.Ask(static hub => hub.Describe());
        _current = _current with
        {
            Gateways = [.. gateways
                .Where(static gateway => gateway.Address is not null)
                .Select(static gateway => new GatewayEndpoint { Address = gateway.Address!, Generation = gateway.Generation, Silo = gateway.Silo })
                .OrderBy(static gateway => gateway.Address, StringComparer.Ordinal)],
        };
        if (_current.Gateways.Count != before)
        {
            LogGateways(_current.Gateways.Count);
        }
    }

    private static GatewayList Empty(ClusterOptions cluster, Grains.MeshRegion region) =>
        new() { ClusterId = cluster.ClusterId, ServiceId = cluster.ServiceId, Region = region.Name };

    [LoggerMessage(3111, LogLevel.Information, "Proxies can connect to {Count} gateways")]
    private partial void LogGateways(int count);
}
