using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Writes;
using Mesh.Proxy.Limits;
using Mesh.Testing.Cluster;

namespace Mesh.Proxy.Tests.Limits;

/// <summary>Several proxies and the grain that divides a limit among them.</summary>
public sealed class SharedRateLimitTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly RateLimit Limit = new() { Requests = 200, Burst = 10 };
    private MeshCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await MeshCluster.Start();
        await _cluster.Grains.GetGrain<IServiceGrain>(Web.ToString()).Write(new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "test" });
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Proxies_together_stay_within_the_limit_and_use_it(int proxies)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        var allowed = await Task.WhenAll(Enumerable.Range(0, proxies).Select(i => Task.Run(() => RunAsync($"proxy-{i}", started))));

        var perfect = Limit.Requests * time.GetElapsedTime(started).TotalSeconds;

        // Each begins with the burst of the whole limit.
        Assert.InRange(allowed.Sum(), perfect * 0.4, (perfect * 1.05) + (proxies * Limit.Burst!.Value));
    }

    /// <summary>Wants far more than there is.</summary>
    private async Task<int> RunAsync(string proxy, long started)
    {
        var time = TimeProvider.System;
        var limiter = new ServiceRateLimiter(Web, Limit, time);
        var allowed = 0;
        while (time.GetElapsedTime(started) < TimeSpan.FromSeconds(3))
        {
            var now = time.GetTimestamp();
            if (limiter.TryBeginAsking(now))
            {
                var demand = limiter.TakeDemand(now);
                if (await _cluster.Client.GetGrain<IProxyGatewayGrain>(proxy).LeaseRate(Web, demand) is { } share)
                {
                    limiter.Use(share, demand, now);
                }
            }

            for (var i = 0; i < 5; i++)
            {
                allowed += limiter.TryTake(time.GetTimestamp(), out _) ? 1 : 0;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), time);
        }

        return allowed;
    }
}
