using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Testing.Cluster;
using Orleans.Runtime;

namespace Mesh.Grains.Tests.Security;

public sealed class ProxyCallFilterTests : IAsyncLifetime
{
    private MeshCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await MeshCluster.Start();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_client_reaches_the_gateway_grain() =>
        Assert.Null((await _cluster.Client.GetGrain<IProxyGatewayGrain>("p").Resolve("default", "nobody")).Service);

    [Fact]
    public async Task A_client_reaches_nothing_else()
    {
        var write = new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "intruder" };

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _cluster.Client.GetGrain<IServiceGrain>("a/b").Write(write));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _cluster.Client.GetGrain<ICatalogGrain>(ICatalogGrain.Key).List(null));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => _cluster.Client.GetGrain<IManagementGrain>(0).GetHosts());

        Assert.Equal(0, _cluster.Store.Writes);
    }
}
