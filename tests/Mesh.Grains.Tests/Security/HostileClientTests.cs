using System.Net;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Push;
using Mesh.Grains.Security.Gateway;
using Mesh.Grains.Tests.Push;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Mesh.Grains.Tests.Security;

/// <summary>An Orleans client that says of itself what it likes, against a silo that does not believe it.</summary>
public sealed class HostileClientTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly WriteRequest Write = new() { Command = new PutSpec(new ServiceSpec()), Author = "intruder" };

    private readonly WireRecorder _wire = new();
    private readonly RecordingObserver _observer = new();
    private MeshCluster _cluster = null!;
    private DenialCounts _denied = null!;

    private IClusterClient Client => _cluster.Client;

    private IProxyGatewayGrain Gateway => Client.GetGrain<IProxyGatewayGrain>("p");

    public async ValueTask InitializeAsync() => await Start();

    public async ValueTask DisposeAsync()
    {
        _denied.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_forged_source_ends_the_connection()
    {
        var own = Forgery.SetSource(Client, GrainId.Create("catalog", ICatalogGrain.Key));

        await Fails(() => Client.GetGrain<IServiceGrain>("a/b").Write(Write));
        await Eventually.Holds("it is counted", () => _denied[DenialReason.Source] > 0);

        Forgery.SetSource(Client, own);
        Assert.Equal(0, _cluster.Store.Writes);
        await Healthy();
    }

    [Fact]
    public async Task Grains_that_are_not_for_proxies_do_not_even_start()
    {
        var calls = new[]
        {
            Fails(() => Client.GetGrain<IServiceGrain>("a/b").Write(Write)),
            Fails(() => Client.GetGrain<ICatalogGrain>(ICatalogGrain.Key).List(null)),
            Fails(() => Client.GetGrain<IRegionLinkGrain>("west").GetStatus()),
            Fails(() => Client.GetGrain<IRateLimitGrain>("a/b").Lease("p", default)),
            Fails(() => Client.GetGrain<IManagementGrain>(0).GetHosts()),
        };
        await Task.WhenAll(calls);

        Assert.Equal(5, _denied[DenialReason.Target]);
        Assert.Equal(0, _cluster.Store.Writes);
        Assert.False(_cluster.Cluster.TryGetGrainContext(_cluster.Grains.GetGrain<IServiceGrain>("a/b").GetGrainId(), out _));
        await Healthy();
    }

    [Theory]
    [InlineData("sys.svc.clustering")]
    [InlineData("sys.svc.catalog")]
    [InlineData("sys.svc.dir.grain")]
    [InlineData("sys.svc.silo-control")]
    public async Task System_targets_are_out_of_reach(string type)
    {
        var silo = _cluster.Cluster.Silos[0].SiloAddress;
        Forgery.Send(Client, "Request", 1, Forgery.Id(Client), GrainId.Create(type, silo.ToParsableString()), silo);

        await Eventually.Holds("it is refused", () => _denied[DenialReason.Target] == 1);
        await Healthy();
    }

    [Fact]
    public async Task An_answer_to_nothing_that_was_asked_is_left_out()
    {
        var hub = GrainId.Create("sys.svc.user.pushhub", _cluster.Cluster.Silos[0].SiloAddress.ToParsableString());
        for (var id = 0; id < 100; id++)
        {
            Forgery.Send(Client, "Response", id, Forgery.Id(Client), hub, _cluster.Cluster.Silos[0].SiloAddress);
        }

        await Eventually.Holds("they are refused", () => _denied[DenialReason.Answer] == 100);
        await Healthy();
    }

    [Fact]
    public async Task An_answer_to_a_push_is_let_in_only_to_another_silo()
    {
        var own = _cluster.Cluster.Silos[0].SiloAddress;
        Forgery.Send(Client, "Response", 1, Forgery.Id(Client), GrainId.Create(PushSender.Type, own.ToParsableString()), own);

        await Eventually.Holds("this silo knows what it asked", () => _denied[DenialReason.Answer] == 1);

        var nobody = SiloAddress.New(IPAddress.Loopback, 9, 1);
        Forgery.Send(Client, "Response", 1, Forgery.Id(Client), GrainId.Create(PushSender.Type, nobody.ToParsableString()), nobody);
        Forgery.Send(Client, "Request", 1, Forgery.Id(Client), GrainId.Create("sys.svc.manifest", nobody.ToParsableString()), nobody);

        await Eventually.Holds("no silo connects to what is none", () => _denied[DenialReason.Routing] == 2);
        await Healthy();
    }

    [Fact]
    public async Task Another_client_is_out_of_reach()
    {
        var other = GrainId.Create("sys.client", $"{Guid.NewGuid():N}+{Guid.NewGuid():N}");

        Forgery.Send(Client, "Request", 1, Forgery.Id(Client), other);

        await Eventually.Holds("it is refused", () => _denied[DenialReason.Target] == 1);
        await Healthy();
    }

    [Fact]
    public async Task A_message_that_is_too_large_ends_the_connection()
    {
        await Fails(() => Gateway.Resolve("default", new string('x', 3 << 20)));

        // Orleans' client sends it again with every new connection, until it gives up; each costs it a second.
        Assert.InRange(_denied[DenialReason.Size], 1, 20);
        Assert.Empty(await _cluster.Grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).List(null));
    }

    [Fact]
    public async Task Pushes_go_to_nobody_else()
    {
        var other = Client.GetGrain(GrainId.Create("sys.client", $"{Guid.NewGuid():N}+{Guid.NewGuid():N}")).AsReference<IProxyObserver>();
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("p", 1), other));

        var grain = Client.GetGrain(GrainId.Create("service", "a/b")).AsReference<IProxyObserver>();
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("p", 1), grain));

        Assert.Equal(2, _denied[DenialReason.Identity]);
    }

    [Fact]
    public async Task A_proxy_speaks_for_itself()
    {
        var reference = Client.CreateObjectReference<IProxyObserver>(_observer);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("another", 1), reference));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Leave("another"));
    }

    [Fact]
    public async Task Subscriptions_of_a_proxy_are_bounded()
    {
        await Restart(static limits => limits.MaxSubscriptions = 50);
        var reference = Client.CreateObjectReference<IProxyObserver>(_observer);
        await Put("shop/s-0");

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("p", 51), reference));
        await Gateway.Renew(Renewal("p", 50), reference);

        // Those that do not exist do not stay, so one is left, and 49 more may come.
        await Gateway.Renew(Renewal("p", 49, first: 100), reference);
        await Assert.ThrowsAnyAsync<Exception>(() => Gateway.Renew(Renewal("p", 50, first: 200), reference));
    }

    [Fact]
    public async Task A_client_cannot_be_any_number_of_proxies()
    {
        await Restart(static limits => limits.MaxProxiesPerClient = 2);

        await Client.GetGrain<IProxyGatewayGrain>("p1").Resolve("default", "nobody");
        await Client.GetGrain<IProxyGatewayGrain>("p2").Resolve("default", "nobody");
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Client.GetGrain<IProxyGatewayGrain>("p3").Resolve("default", "nobody"));
        await Client.GetGrain<IProxyGatewayGrain>("p1").Resolve("default", "nobody");
    }

    [Fact]
    public async Task A_flood_waits_where_it_comes_from()
    {
        await Restart(static limits => (limits.MessagesPerSecond, limits.MessageBurst) = (100, 50));
        var started = TimeProvider.System.GetTimestamp();
        var flood = Enumerable.Range(0, 400).Select(_ => Gateway.Resolve("default", "nobody").ContinueWith(static _ => { }, TaskScheduler.Default)).ToList();

        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            var asked = TimeProvider.System.GetTimestamp();
            await _cluster.Grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).List(null);
            var took = TimeProvider.System.GetElapsedTime(asked);
            slowest = took > slowest ? took : slowest;
        }

        await Task.WhenAll(flood);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(2), "the flood was not slowed");
        Assert.True(slowest < TimeSpan.FromSeconds(2), $"a call inside the silo took {slowest}");
        await Healthy();
    }

    [Fact]
    public async Task Nothing_malformed_gets_through_the_facade()
    {
        var reference = Client.CreateObjectReference<IProxyObserver>(_observer);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(null!, reference));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("p", 1) with { Held = null! }, reference));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("p", 1) with { Held = [default] }, reference));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Renew(Renewal("p", 1), null!));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.Deregister(new ServiceName("..", "x"), "e"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Gateway.LeaseRate(default, new RateDemand()));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Client.GetGrain<IProxyGatewayGrain>(new string('p', 300)).Resolve("a", "b"));
        await Healthy();
    }

    [Fact]
    public async Task What_a_client_receives_never_has_a_proof_in_it()
    {
        await Put(Web.ToString());
        var reference = Client.CreateObjectReference<IProxyObserver>(_observer);
        var reply = await Gateway.Renew(Renewal("p", Web), reference);
        Assert.Single(reply.Changed);

        await Put(Web.ToString());
        await Eventually.Holds("a change is pushed", () => !_observer.Pushed.IsEmpty);

        Assert.True(_wire.Contains("shop"), "the recorder sees what is pushed");
        Assert.False(_wire.Contains("mesh.silo"));
    }

    [Fact]
    public async Task A_stream_of_a_grain_that_is_not_for_proxies_is_refused_also_when_the_door_lets_it_pass()
    {
        await Restart(static limits => limits.MoreGrainTypes.Add("streaming"));

        await Assert.ThrowsAnyAsync<UnauthorizedAccessException>(async () =>
        {
            await foreach (var _ in Client.GetGrain<IStreamingGrain>("s").Numbers())
            {
            }
        });

        var numbers = new List<int>();
        await foreach (var one in _cluster.Grains.GetGrain<IStreamingGrain>("s").Numbers())
        {
            numbers.Add(one);
        }

        Assert.Equal([0, 1, 2], numbers);
    }

    private async Task Start(Action<GatewayLimits>? limits = null)
    {
        _cluster = await MeshCluster.Start(
            configureSilo: silo => silo.Configure<GatewayLimits>(options => limits?.Invoke(options)),
            configureClient: client => client.Configure<ClientConnectionOptions>(
                options => options.ConfigureConnection(connection => connection.Use(_wire.Use))));
        _denied = new DenialCounts(_cluster.Cluster.Silos[0].ServiceProvider);
    }

    private async Task Restart(Action<GatewayLimits> limits)
    {
        await DisposeAsync();
        await Start(limits);
    }

    private static async Task Fails(Func<Task> call)
    {
        var exception = await Record.ExceptionAsync(() => call().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.NotNull(exception);
    }

    /// <summary>The silo answers, and so does the client's own connection.</summary>
    private Task Healthy() => Eventually.Holds("an honest call is answered", async () =>
    {
        try
        {
            return (await Gateway.Resolve("default", "nobody")).Service is null;
        }
        catch (Exception)
        {
            return false;
        }
    }, TimeSpan.FromSeconds(30));

    private Task<WriteResult> Put(string service) => _cluster.Grains.GetGrain<IServiceGrain>(service).Write(
        new WriteRequest { Command = new PutSpec(new ServiceSpec { Hosts = [$"{Guid.NewGuid():N}.example"] }), Author = "test" });

    private static RenewRequest Renewal(string proxy, int services, int first = 0) =>
        Renewal(proxy, [.. Enumerable.Range(first, services).Select(static one => new ServiceName("shop", $"s-{one}"))]);

    private static RenewRequest Renewal(string proxy, params ServiceName[] services) => new()
    {
        Proxy = new ProxyInfo { Id = proxy, Namespace = "shop", Version = "1" },
        Held = [.. services.Select(static service => new HeldSnapshot(service, SnapshotVersion.None, null))],
    };
}
