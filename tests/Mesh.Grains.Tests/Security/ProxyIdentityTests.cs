using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Security;
using Mesh.Grains.Security.Gateway;
using Mesh.Grains.Tests.Push;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Mesh.Testing.Identity;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace Mesh.Grains.Tests.Security;

/// <summary>A proxy of <c>shop/cart</c>, by its certificate, over mutual TLS between real silos.</summary>
public sealed class ProxyIdentityTests : IAsyncLifetime
{
    private static readonly ServiceName Cart = new("shop", "cart");
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly EndpointSpec Endpoint = new() { Host = "10.0.0.1", Port = 80 };

    private readonly PeerAuthority _authority = new();
    private readonly RecordingObserver _observer = new();
    private readonly RecordingTlsObserver _tls = new();
    private MeshCluster _cluster = null!;
    private DenialCounts _denied = null!;

    private IProxyGatewayGrain Gateway => _cluster.Client.GetGrain<IProxyGatewayGrain>("cart-1");

    public async ValueTask InitializeAsync()
    {
        var options = new TlsOptions { Mode = TlsMode.Required };
        var ofSilo = new TestCertificates(_authority.Silo());
        var ofProxy = new TestCertificates(_authority.Proxy(Cart.ToString()));
        _cluster = await MeshCluster.Start(
            silos: 2,
            silo => silo.UseMeshTls(options, ofSilo),
            client => client.Configure<ClientConnectionOptions>(connections => connections.ConfigureConnection(connection => connection.Use(next =>
            {
                var tls = new TlsClient(options, static () => TlsMode.Required, ofProxy, _tls, TimeProvider.System);
                return context => tls.OnConnected(context, next);
            }))));
        _denied = new DenialCounts(_cluster.Cluster.Silos[0].ServiceProvider);
        await _cluster.Grains.GetGrain<IServiceGrain>("shop/cart").Write(new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "test" });
        await _cluster.Grains.GetGrain<IServiceGrain>("shop/web").Write(new WriteRequest { Command = new PutSpec(new ServiceSpec()), Author = "test" });
    }

    public async ValueTask DisposeAsync()
    {
        _denied.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task It_registers_endpoints_of_its_own_service_and_of_no_other()
    {
        await Gateway.Register(Cart, "cart-1", Endpoint);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Register(Web, "web-1", Endpoint));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Deregister(Web, "web-1"));

        await Gateway.Deregister(Cart, "cart-1");
    }

    [Fact]
    public async Task A_service_that_it_makes_by_its_registration_says_so()
    {
        var cart = _cluster.Grains.GetGrain<IServiceGrain>(Cart.ToString());
        await cart.Write(new WriteRequest { Command = new DeleteService(), Author = "test" });

        await Gateway.Register(Cart, "cart-1", Endpoint);

        var newest = (await cart.GetRevisions())[0];
        Assert.Equal(("proxy:cart-1", "proxy:cart-1", null), (newest.Author, newest.By, newest.From));
    }

    [Fact]
    public async Task It_subscribes_as_itself_to_any_service()
    {
        var reference = _cluster.Client.CreateObjectReference<IProxyObserver>(_observer);

        Assert.Single((await Gateway.Renew(Renewal(Cart, "shop"), reference)).Changed);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal(Web, "shop"), reference));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal(null, "bank"), reference));

        await _cluster.Grains.GetGrain<IServiceGrain>("shop/web").Write(
            new WriteRequest { Command = new PutSpec(new ServiceSpec { Hosts = ["a.example"] }), Author = "test" });
        await Eventually.Holds("the change is pushed", () => !_observer.Pushed.IsEmpty);
    }

    [Fact]
    public async Task It_leases_rates_of_what_it_uses()
    {
        var reference = _cluster.Client.CreateObjectReference<IProxyObserver>(_observer);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.LeaseRate(Web, new RateDemand { Wanted = 1 }));

        await Gateway.Renew(Renewal(Cart, "shop"), reference);
        Assert.NotNull(await Gateway.LeaseRate(Web, new RateDemand { Wanted = 1 }));
    }

    private static RenewRequest Renewal(ServiceName? service, string @namespace) => new()
    {
        Proxy = new ProxyInfo { Id = "cart-1", Namespace = @namespace, Service = service, Version = "1" },
        Held = [new HeldSnapshot(Web, SnapshotVersion.None, null)],
        IsComplete = true,
        Sequence = 1,
    };
}
