using System.Text.Json;
using System.Threading.Channels;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Regions;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Regions;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.Snapshots;

/// <summary>
/// Keeps what is known of other regions on disk beside the snapshots, so that a proxy that restarts while the control
/// plane is away still knows how to reach them. A disk that fails costs only that.
/// </summary>
internal sealed partial class RegionCache(RegionState regions, IOptions<ProxyOptions> options, ILogger<RegionCache> logger) : BackgroundService
{
    private const string Magic = "mesh-regions 1";

    private readonly string _path = Path.Combine(options.Value.EffectiveDataDirectory, "regions");
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <returns>Nothing when there is no file, or one that cannot be used.</returns>
    public IReadOnlyList<RegionReach> Load()
    {
        try
        {
            return File.Exists(_path) ? MeshJson.Decode<RegionReach[]>(CheckedFile.Read(_path, Magic).Content) : [];
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            LogSkipped(_path, exception.Message);
            return [];
        }
    }

    /// <summary>Writes what is known now, soon.</summary>
    public void Save() => _changes.Writer.TryWrite(true);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _changes.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        while (_changes.Reader.TryRead(out _))
        {
            // Stopped before it began.
            Write();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Ends when the channel is completed and empty.
        await foreach (var _ in _changes.Reader.ReadAllAsync(CancellationToken.None))
        {
            Write();
        }
    }

    private void Write()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            CheckedFile.Write(_path, Magic, MeshJson.Encode(regions.Current.All.ToArray()));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogWriteFailed(_path, exception.Message);
        }
    }

    [LoggerMessage(2111, LogLevel.Warning, "Skipped {Path}: {Reason}. Until the control plane answers, other regions are taken for alive and reached directly")]
    private partial void LogSkipped(string path, string reason);

    [LoggerMessage(2112, LogLevel.Warning, "{Path} cannot be written: {Reason}. After a restart without control plane this proxy will not know how to reach other regions; check the disk and Mesh:DataDirectory")]
    private partial void LogWriteFailed(string path, string reason);
}
