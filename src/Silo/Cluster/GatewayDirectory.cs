using Mesh.Abstractions.Connections;
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
    TlsOptions tls,
    TimeProvider time,
    ILogger<GatewayDirectory> logger) : BackgroundService, IGatewayDirectory
{
    /// <summary>Soon again while a silo has not answered; now and then in any case.</summary>
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(10);

    private volatile GatewayList _current = Empty(cluster.Value, region, tls);

    public GatewayList Current => _current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var updates = membership.MembershipUpdates.GetAsyncEnumerator(stoppingToken);
            await using var _ = updates;
            var update = updates.MoveNextAsync().AsTask();
            while (true)
            {
                var isComplete = await Refresh();
                var period = Task.Delay(isComplete ? RefreshPeriod : RetryPeriod, time, stoppingToken);
                if (await Task.WhenAny(update, period) == update)
                {
                    await update;
                    update = updates.MoveNextAsync().AsTask();
                }

                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    /// <returns>Whether every active silo has answered. One that has not stays in the list if it was there.</returns>
    private async Task<bool> Refresh()
    {
        var active = hubs.ActiveSilos.Select(static silo => silo.ToParsableString()).ToHashSet();
        var answers = await hubs.Ask(static async hub => await hub.Describe());
        var answered = answers.Select(static answer => answer.Silo).ToHashSet();
        var gateways = answers
            .Where(static answer => answer.Address is not null)
            .Select(static answer => new GatewayEndpoint { Address = answer.Address!, Generation = answer.Generation, Silo = answer.Silo })
            .Concat(_current.Gateways.Where(known => active.Contains(known.Silo) && !answered.Contains(known.Silo)))
            .OrderBy(static gateway => gateway.Address, StringComparer.Ordinal)
            .ToList();
        if (gateways.Count != _current.Gateways.Count)
        {
            LogGateways(gateways.Count);
        }

        _current = _current with { Gateways = gateways };
        return active.IsSubsetOf(answered);
    }

    private static GatewayList Empty(ClusterOptions cluster, Grains.MeshRegion region, TlsOptions tls) =>
        new() { ClusterId = cluster.ClusterId, ServiceId = cluster.ServiceId, Region = region.Name, Tls = tls.Mode };

    [LoggerMessage(3111, LogLevel.Information, "Proxies can connect to {Count} gateways")]
    private partial void LogGateways(int count);
}
