using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Security.Gateway;
using Mesh.Grains.Security.Tokens;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Mesh.Grains.Tests.Security;

/// <summary>The filter by itself: what the door at the gateway keeps out is let through to it.</summary>
public sealed class ProxyCallFilterTests
{
    private static readonly WriteRequest Write = new() { Command = new PutSpec(new ServiceSpec()), Author = "intruder" };

    [Fact]
    public async Task A_client_reaches_the_gateway_grain()
    {
        await using var cluster = await Start(isTokenRequired: true);

        Assert.Null((await cluster.Client.GetGrain<IProxyGatewayGrain>("p").Resolve("default", "nobody")).Service);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_reaches_nothing_else(bool isTokenRequired)
    {
        await using var cluster = await Start(isTokenRequired);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => cluster.Client.GetGrain<IServiceGrain>("a/b").Write(Write));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => cluster.Client.GetGrain<ICatalogGrain>(ICatalogGrain.Key).List(null));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => cluster.Client.GetGrain<IManagementGrain>(0).GetHosts());

        Assert.Equal(0, cluster.Store.Writes);
    }

    [Fact]
    public async Task A_client_that_brings_a_token_of_its_own_reaches_nothing_else()
    {
        await using var cluster = await Start(isTokenRequired: true);

        RequestContext.Set("mesh.silo", new byte[CallTokens.Length]);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => cluster.Client.GetGrain<IServiceGrain>("a/b").Write(Write));
        Assert.Null((await cluster.Client.GetGrain<IProxyGatewayGrain>("p").Resolve("default", "nobody")).Service);
    }

    [Fact]
    public async Task A_silo_of_another_secret_reaches_nothing_of_the_others()
    {
        await using var cluster = await MeshCluster.Start(silos: 2);
        var stranger = cluster.Cluster.Silos[1].ServiceProvider;
        typeof(CallTokens).GetField("_secret", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
            .SetValue(stranger.GetRequiredService<CallTokens>(), new byte[32]);
        var grains = stranger.GetRequiredService<IGrainFactory>();
        var first = cluster.Cluster.Silos[0].SiloAddress;

        // Some of these live on the first silo.
        RequestContext.Set(Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, first);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await grains.GetGrain<IServiceGrain>($"a/b-{i}").Write(Write);
            }
            catch (UnauthorizedAccessException)
            {
                Interlocked.Increment(ref refused);
            }
            catch (Exception exception) when (exception is TimeoutException or OrleansException)
            {
                // Looking up where the grain lives asks the first silo as well.
            }
        }));

        Assert.True(refused > 0);
    }

    private static Task<MeshCluster> Start(bool isTokenRequired) => MeshCluster.Start(configureSilo: silo =>
    {
        silo.Configure<CallTokenOptions>(options => options.IsRequired = isTokenRequired);
        silo.Configure<GatewayLimits>(static limits =>
        {
            foreach (var type in new[] { "service", "catalog", "management" })
            {
                limits.MoreGrainTypes.Add(type);
            }
        });
    });
}
