using Mesh.Abstractions.Regions;
using Mesh.Silo.Store;
using Mesh.Testing;

namespace Mesh.Grains.Tests.Links;

/// <summary>A region whose store answers and whose silos do not, seen from another.</summary>
public sealed class SilentRegionTests : IAsyncLifetime
{
    private RedisServer? _euRedis;
    private RedisServer? _usRedis;
    private LinkedRegion? _eu;
    private LinkedRegion? _us;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _euRedis = await RedisServer.Start();
            _usRedis = await RedisServer.Start();
            _eu = await LinkedRegion.Start("eu", _euRedis.ConnectionString);
            _us = await LinkedRegion.Start(new StoreOptions
            {
                Region = "us",
                Redis = _usRedis.ConnectionString,
                Peers = { ["eu"] = new PeerOptions { Redis = _euRedis.ConnectionString, StaleAfter = TimeSpan.FromSeconds(6), Via = RegionVia.Gateway } },
            });
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var region in new[] { _us, _eu }.OfType<LinkedRegion>())
        {
            await region.DisposeAsync();
        }

        _euRedis?.Dispose();
        _usRedis?.Dispose();
    }

    [Fact]
    public async Task It_is_stale_until_it_is_heard_again()
    {
        await Becomes(isStale: false);
        var alive = await _us!.Link("eu");
        Assert.Equal(RegionVia.Gateway, alive.Via);
        Assert.InRange(Assert.NotNull(alive.ClockSkewSeconds), -3, 3);

        await _eu!.DisposeAsync();
        _eu = null;
        await Becomes(isStale: true);
        var silent = await _us.Link("eu");
        Assert.Equal(RegionLinkState.Following, silent.State);
        Assert.True(silent.SilentSeconds > 6, $"{silent}");
        Assert.Equal([new RegionReach { Region = "eu", IsStale = true, Via = RegionVia.Gateway }], _us.Reach.Current);

        _eu = await LinkedRegion.Start("eu", _euRedis!.ConnectionString);
        await Becomes(isStale: false);
    }

    private Task Becomes(bool isStale) => Eventually.Holds(
        $"staleness is {isStale}", async () => (await _us!.Link("eu")).IsStale == isStale, LinkedRegion.Patience);
}
