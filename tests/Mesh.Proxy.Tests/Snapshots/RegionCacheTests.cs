using Mesh.Proxy.Hosting;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Snapshots;
using Mesh.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static Mesh.Proxy.Tests.Regions.Reaches;

namespace Mesh.Proxy.Tests.Snapshots;

public sealed class RegionCacheTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RegionState _state = new(TimeProvider.System);

    private string FilePath => Path.Combine(_directory.Path, "regions");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_known_at_a_shutdown_is_known_at_the_next_start()
    {
        await Save();

        Assert.Equal([Via("ap"), Stale("us")], Create().Load());
    }

    [Fact]
    public async Task A_torn_or_altered_file_is_as_good_as_none()
    {
        Assert.Empty(Create().Load());
        await Save();
        var whole = await File.ReadAllBytesAsync(FilePath);

        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(FilePath, whole[..length]);
            Assert.Empty(Create().Load());
        }

        whole[^3] ^= 1;
        await File.WriteAllBytesAsync(FilePath, whole);
        Assert.Empty(Create().Load());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_costs_nothing_else()
    {
        await File.WriteAllTextAsync(FilePath, "");
        _state.Update([Stale("us")]);
        using var cache = Create(Path.Combine(FilePath, "below-a-file"));
        cache.Save();

        await cache.StartAsync(CancellationToken.None);
        await cache.StopAsync(CancellationToken.None);
    }

    private async Task Save()
    {
        _state.Update([Stale("us"), Via("ap")]);
        using var cache = Create();
        cache.Save();
        await cache.StartAsync(CancellationToken.None);
        await cache.StopAsync(CancellationToken.None);
    }

    private RegionCache Create(string? directory = null) => new(
        _state, Options.Create(new ProxyOptions { DataDirectory = directory ?? _directory.Path }), NullLogger<RegionCache>.Instance);
}
