using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Testing.Cluster;

namespace Mesh.Grains.Tests.RateLimits;

public sealed class RateLimitGrainTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
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
    public async Task Proxies_that_want_all_share_it(int proxies)
    {
        var parts = new double[proxies];
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < proxies; i++)
            {
                var share = await LeaseAsync($"proxy-{i}", Web, 5);
                parts[i] = share!.Part;
            }

            Assert.True(parts.Sum() <= 1 + 1e-9 || round == 0, string.Join(' ', parts));
        }

        Assert.All(parts, part => Assert.Equal(63.0 / 64 / proxies, part, 6));
    }

    [Fact]
    public async Task A_service_that_does_not_exist_has_nothing_to_share() => Assert.Null(await LeaseAsync("proxy", new("shop", "nobody"), 1));

    [Fact]
    public async Task A_proxy_reaches_it_through_its_gateway_only() => await Assert.ThrowsAsync<TimeoutException>(
        () => _cluster.Client.GetGrain<IRateLimitGrain>(Web.ToString()).Lease("proxy", default));

    private Task<RateShare?> LeaseAsync(string proxy, ServiceName service, double wanted) =>
        _cluster.Client.GetGrain<IProxyGatewayGrain>(proxy).LeaseRate(service, new RateDemand { Wanted = wanted });
}
