using System.Diagnostics.Metrics;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Regions;
using Mesh.Grains.Links;
using Mesh.Grains.Regions;
using Mesh.Silo.Api;

namespace Mesh.Silo.Cluster;

/// <summary>
/// Asks the link to every peer how it does, which also starts it again wherever the silo it ran on has ended, and tells
/// this silo's services and metrics.
/// </summary>
internal sealed partial class RegionDirectory : BackgroundService, IRegionDirectory
{
    public const string MeterName = "Mesh.Regions";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly IGrainFactory _grains;
    private readonly PeerContacts _contacts;
    private readonly PeerReach _reach;
    private readonly TimeProvider _time;
    private readonly ILogger<RegionDirectory> _logger;
    private readonly Meter _meter;
    private volatile RegionLinkView[] _known;

    public RegionDirectory(
        IGrainFactory grains, PeerRegions peers, PeerContacts contacts, PeerReach reach, IMeterFactory meters, TimeProvider time, ILogger<RegionDirectory> logger)
    {
        (_grains, _contacts, _reach, _time, _logger) = (grains, contacts, reach, time, logger);
        _known = [.. peers.All
            .Select(static peer => new RegionLinkView { Region = peer.Name, State = RegionLinkState.Connecting, Via = peer.Via })
            .OrderBy(static view => view.Region, StringComparer.Ordinal)];
        Tell();
        foreach (var peer in peers.All)
        {
            contacts.Expect(peer.Name);
        }

        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge(
            "mesh_region_connected",
            () => Measure(static view => view.State is RegionLinkState.CatchingUp or RegionLinkState.Following or RegionLinkState.Paused ? 1L : 0L),
            description: "Whether the peer region's store can be read.");
        _meter.CreateObservableGauge(
            "mesh_region_lag_entries",
            () => Measure(static view => view.LagEntries),
            description: "Changes of the peer region that are not taken up yet.");
        _meter.CreateObservableGauge(
            "mesh_region_lag_seconds",
            () => Measure(static view => view.LagSeconds),
            description: "For how long this region may have been behind the peer region.");
        _meter.CreateObservableGauge(
            "mesh_region_stale",
            () => Measure(static view => view.IsStale == true ? 1L : 0L),
            description: "Whether the peer region has been silent for longer than it may, and its endpoints are used last.");
    }

    public async Task<IReadOnlyList<RegionLinkView>> List()
    {
        _known = await Task.WhenAll(_known.Select(Ask));
        Tell();
        return _known;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_known.Length == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            do
            {
                await List();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task<RegionLinkView> Ask(RegionLinkView known)
    {
        try
        {
            var view = await _grains.GetGrain<IRegionLinkGrain>(known.Region).GetStatus()
                ?? throw new InvalidOperationException($"The silo that runs the link does not know the region. Give every silo the same Mesh:Peers:{known.Region}.");
            if (view.InSyncAt is { } at)
            {
                _contacts.InSync(view.Region, at);
            }

            // A link that has just moved has to listen first; what was known before it moved holds until then.
            // How a peer is reached is this silo's to say: the link may run on one that does not know of such things yet.
            return view with { IsStale = view.IsStale ?? known.IsStale, Via = known.Via };
        }
        catch (Exception exception)
        {
            LogSilent(known.Region, exception.Message);
            return known with
            {
                State = RegionLinkState.Connecting,
                LastError = $"The link does not answer: {exception.Message}",
                LastErrorAt = _time.GetUtcNow(),
            };
        }
    }

    /// <summary>Tells this silo's proxies.</summary>
    private void Tell() => _reach.Current =
        [.. _known.Select(static view => new RegionReach { Region = view.Region, IsStale = view.IsStale, Via = view.Via })];

    private IEnumerable<Measurement<T>> Measure<T>(Func<RegionLinkView, T> value)
        where T : struct =>
        _known.Select(view => new Measurement<T>(value(view), new KeyValuePair<string, object?>("region", view.Region)));

    private IEnumerable<Measurement<double>> Measure(Func<RegionLinkView, double?> value) => _known
        .Where(view => value(view) is not null)
        .Select(view => new Measurement<double>(value(view)!.Value, new KeyValuePair<string, object?>("region", view.Region)));

    [LoggerMessage(3121, LogLevel.Information, "The link to region {Region} did not answer: {Reason}")]
    private partial void LogSilent(string region, string reason);
}
