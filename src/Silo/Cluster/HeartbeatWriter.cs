using System.Globalization;
using System.Security.Cryptography;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Links;
using Mesh.Silo.Store;
using Microsoft.Extensions.Options;

namespace Mesh.Silo.Cluster;

/// <summary>Leaves a sign of life in the region's store for the regions that follow it.</summary>
internal sealed partial class HeartbeatWriter(
    LinkStore store, IOptions<StoreOptions> options, TimeProvider time, ILogger<HeartbeatWriter> logger) : BackgroundService
{
    /// <summary>Unlike any other silo's, also after a restart.</summary>
    private readonly string _id = RandomNumberGenerator.GetHexString(12, lowercase: true);
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrWhiteSpace(options.Value.Redis))
        {
            // Nobody else can read a store that this silo hosts, and its log would grow.
            return;
        }

        using var timer = new PeriodicTimer(Heartbeat.Period, time);
        try
        {
            for (var count = 1L; ; count++)
            {
                await Write(string.Create(CultureInfo.InvariantCulture, $"{_id}-{count}"), stoppingToken);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task Write(string beat, CancellationToken stoppingToken)
    {
        try
        {
            await store.WriteHeartbeat(new Heartbeat(beat, time.GetUtcNow()), stoppingToken);
            _isFailing = false;
        }
        catch (StoreUnavailableException exception)
        {
            if (!_isFailing)
            {
                LogFailed(exception.Message);
            }

            _isFailing = true;
        }
    }

    [LoggerMessage(3131, LogLevel.Warning, "Other regions cannot be told that this one lives, and will use its endpoints last: {Reason}")]
    private partial void LogFailed(string reason);
}
