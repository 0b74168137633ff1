using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Snapshots;
using Mesh.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.Tests.Snapshots;

public sealed class SnapshotCacheTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_waits_at_a_shutdown_is_still_written()
    {
        using var cache = Create(_directory.Path);
        for (var revision = 1; revision <= 50; revision++)
        {
            cache.Save(Snapshot("web", revision));
            cache.Save(Snapshot("api", revision));
        }

        await cache.StartAsync(CancellationToken.None);
        await cache.StopAsync(CancellationToken.None);

        using var next = Create(_directory.Path);
        Assert.Equal([50, 50], next.Load().Select(snapshot => snapshot.Encoded.Version.Revision));
    }

    [Fact]
    public async Task A_damaged_file_is_skipped_and_the_others_are_loaded()
    {
        using (var cache = Create(_directory.Path))
        {
            cache.Save(Snapshot("web", 1));
            cache.Save(Snapshot("api", 1));
            await cache.StartAsync(CancellationToken.None);
            await cache.StopAsync(CancellationToken.None);
        }

        var web = Directory.GetFiles(_directory.Path, "*web*", SearchOption.AllDirectories).Single();
        await File.AppendAllTextAsync(web, " ");

        using var next = Create(_directory.Path);
        Assert.Equal("shop/api", Assert.Single(next.Load()).Encoded.Service.ToString());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_costs_nothing_else()
    {
        var blocked = Path.Combine(_directory.Path, "file");
        await File.WriteAllTextAsync(blocked, "");
        using var cache = Create(blocked);

        cache.Save(Snapshot("web", 1));
        await cache.StartAsync(CancellationToken.None);
        await cache.StopAsync(CancellationToken.None);

        Assert.Empty(cache.Load());
    }

    private static SnapshotCache Create(string directory) =>
        new(Options.Create(new ProxyOptions { DataDirectory = directory }), NullLogger<SnapshotCache>.Instance);

    private static EncodedSnapshot Snapshot(string name, long revision) =>
        EncodedSnapshot.From(new ServiceSnapshot { Service = new ServiceName("shop", name), Revision = revision });
}
