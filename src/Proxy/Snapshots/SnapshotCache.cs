using System.Collections.Concurrent;
using System.Threading.Channels;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.Snapshots;

/// <summary>
/// Keeps the newest snapshot of every service on disk, written behind the requests' back, so that a proxy that restarts
/// while the control plane is away serves at once. A disk that fails costs only that.
/// </summary>
internal sealed partial class SnapshotCache(IOptions<ProxyOptions> options, ILogger<SnapshotCache> logger) : BackgroundService
{
    private readonly string _directory = Path.Combine(options.Value.EffectiveDataDirectory, "snapshots");
    private readonly ConcurrentDictionary<ServiceName, EncodedSnapshot> _waiting = new();
    private readonly Channel<ServiceName> _order = Channel.CreateUnbounded<ServiceName>(new UnboundedChannelOptions { SingleReader = true });
    private bool _isFailing;

    /// <summary>What is on disk and whole, one at a time; the rest is reported and skipped.</summary>
    public IEnumerable<(EncodedSnapshot Encoded, ServiceSnapshot Decoded)> Load()
    {
        if (!Directory.Exists(_directory))
        {
            yield break;
        }

        var count = 0;
        foreach (var path in Directory.EnumerateFiles(_directory, "*" + SnapshotFile.Extension))
        {
            if (TryRead(path) is { } snapshot)
            {
                count++;
                yield return snapshot;
            }
        }

        LogLoaded(count, _directory);
    }

    /// <summary>Writes it soon; of several for one service only the newest.</summary>
    public void Save(EncodedSnapshot snapshot)
    {
        var isNew = false;
        _waiting.AddOrUpdate(
            snapshot.Service,
            _ =>
            {
                isNew = true;
                return snapshot;
            },
            (_, _) => snapshot);
        if (isNew)
        {
            _order.Writer.TryWrite(snapshot.Service);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _order.Writer.TryComplete();
        await base.StopAsync(cancellationToken);

        // What the writer had no time for, because it was stopped before it began.
        foreach (var service in _waiting.Keys)
        {
            WriteWaiting(service);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Ends when the channel is completed and empty: what waits at a shutdown is still written.
        await foreach (var service in _order.Reader.ReadAllAsync(CancellationToken.None))
        {
            WriteWaiting(service);
        }
    }

    private (EncodedSnapshot Encoded, ServiceSnapshot Decoded)? TryRead(string path)
    {
        try
        {
            return SnapshotFile.Read(path);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogSkipped(path, exception.Message);
            return null;
        }
    }

    private void WriteWaiting(ServiceName service)
    {
        if (_waiting.TryRemove(service, out var snapshot))
        {
            Write(snapshot);
        }
    }

    private void Write(EncodedSnapshot snapshot)
    {
        try
        {
            Directory.CreateDirectory(_directory);
            SnapshotFile.Write(_directory, snapshot);
            _isFailing = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                LogWriteFailed(_directory, exception.Message);
            }

            _isFailing = true;
        }
    }

    [LoggerMessage(2101, LogLevel.Information, "Loaded {Count} snapshots from {Directory}")]
    private partial void LogLoaded(int count, string directory);

    [LoggerMessage(2102, LogLevel.Warning, "Skipped the snapshot {Path}: {Reason}. The control plane will bring it again")]
    private partial void LogSkipped(string path, string reason);

    [LoggerMessage(2103, LogLevel.Warning, "Snapshots cannot be written to {Directory}: {Reason}. After a restart without control plane this proxy will not know the newest routes; check the disk and Mesh:DataDirectory")]
    private partial void LogWriteFailed(string directory, string reason);
}
