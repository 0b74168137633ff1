using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Writes;
using Mesh.Testing;
using Mesh.Testing.Cluster;

namespace Mesh.Grains.Tests.Push;

/// <summary>From a write to the proxies: grains, hubs and observers over real Orleans messaging.</summary>
public sealed class PushTests : IAsyncLifetime
{
    private static readonly ServiceName Web = new("shop", "web");

    /// <summary>Orleans holds observers weakly; this keeps them as long as their test.</summary>
    private readonly List<RecordingObserver> _observers = [];
    private MeshCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await MeshCluster.Start();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_subscriber_gets_the_snapshot_and_then_every_change()
    {
        await Put(new ServiceSpec());
        var observer = new RecordingObserver();

        var reply = await Renew("p1", observer, Held(SnapshotVersion.None));
        Assert.Equal(1, Assert.Single(reply.Changed).Version.Revision);

        await Put(new ServiceSpec { Hosts = ["a.example"] });
        await Eventually.Holds("the change is pushed", () => observer.Pushed.Any(one => one.Version.Revision == 2));
        Assert.Equal(["a.example"], observer.Pushed.Last().Decode().Spec!.Hosts);
    }

    [Fact]
    public async Task A_renewal_brings_what_was_missed_and_nothing_when_nothing_was()
    {
        await Put(new ServiceSpec());
        var observer = new RecordingObserver();
        var first = Assert.Single((await Renew("p1", observer, Held(SnapshotVersion.None))).Changed);

        Assert.Empty((await Renew("p1", observer, Held(first.Version))).Changed);
        var other = first.Version with { Checksum = first.Version.Checksum + 1 };
        Assert.Equal(first.Version, Assert.Single((await Renew("p1", observer, Held(other))).Changed).Version);
    }

    [Fact]
    public async Task An_unknown_service_is_said_to_be_unknown_and_creates_no_grain()
    {
        var observer = new RecordingObserver();

        var reply = await Renew("p1", observer, Held(SnapshotVersion.None));

        Assert.Equal([Web], reply.Unknown);
        Assert.False(_cluster.Cluster.TryGetGrainContext(_cluster.Grains.GetGrain<IServiceGrain>(Web.ToString()).GetGrainId(), out _));
    }

    [Fact]
    public async Task One_proxy_that_hangs_delays_no_other()
    {
        await Put(new ServiceSpec());
        var never = new TaskCompletionSource();
        var hanging = new RecordingObserver { Gate = never.Task };
        var healthy = new RecordingObserver();
        await Renew("hanging", hanging, Held(SnapshotVersion.None));
        await Renew("healthy", healthy, Held(SnapshotVersion.None));

        for (var i = 1; i <= 5; i++)
        {
            await Put(new ServiceSpec { Ports = [i] });
            await Eventually.Holds($"change {i} reaches the healthy proxy", () => healthy.Pushed.Any(one => one.Version.Revision == 1 + i), TimeSpan.FromSeconds(2));
        }

        Assert.Single(hanging.Pushed);
        never.SetResult();
        await Eventually.Holds("the slow one gets the newest", () => hanging.Pushed.Any(one => one.Version.Revision == 6));
        Assert.Equal(2, hanging.Pushed.Count);
    }

    [Fact]
    public async Task A_proxy_that_stops_using_a_service_is_not_pushed_it()
    {
        await Put(new ServiceSpec());
        var leaving = new RecordingObserver();
        var staying = new RecordingObserver();
        await Renew("leaving", leaving, Held(SnapshotVersion.None));
        await Renew("staying", staying, Held(SnapshotVersion.None));

        await Renew("leaving", leaving);
        await Put(new ServiceSpec { Ports = [1] });

        await Eventually.Holds("the other one is pushed", () => !staying.Pushed.IsEmpty);
        Assert.Empty(leaving.Pushed);
    }

    [Fact]
    public async Task The_registry_shows_what_each_proxy_applied_and_rejected()
    {
        await Put(new ServiceSpec());
        var observer = new RecordingObserver();
        var held = new HeldSnapshot(Web, SnapshotVersion.None, new RejectedSnapshot(1, "because"));
        await Renew("p1", observer, held);

        var proxy = Assert.Single(await Hub.ListProxies());
        var subscription = Assert.Single(proxy.Subscriptions);
        Assert.True(proxy.Connected);
        Assert.Equal((1, 0, "because"), (subscription.CurrentRevision, subscription.AppliedRevision, subscription.Rejected!.Reason));

        await Put(new ServiceSpec { Ports = [1] });
        await Eventually.Holds("the acknowledgement counts as applied", async () =>
            (await Hub.ListProxies())[0].Subscriptions[0] is { AppliedRevision: 2, Rejected: null });

        await Gateway("p1").Leave("p1");
        Assert.Empty(await Hub.ListProxies());
    }

    [Fact]
    public async Task A_deleted_service_is_pushed_as_gone()
    {
        await Put(new ServiceSpec());
        var observer = new RecordingObserver();
        await Renew("p1", observer, Held(SnapshotVersion.None));

        await Write(new DeleteService());

        await Eventually.Holds("the deletion is pushed", () => !observer.Pushed.IsEmpty);
        Assert.Null(observer.Pushed.Last().Decode().Spec);
        var late = await Renew("p2", new RecordingObserver(), Held(SnapshotVersion.None));
        Assert.Null(Assert.Single(late.Changed).Decode().Spec);
    }

    [Fact]
    public async Task A_fresh_activation_pushes_before_any_hub_renews()
    {
        await Put(new ServiceSpec());
        var observer = new RecordingObserver();
        await Renew("p1", observer, Held(SnapshotVersion.None));

        await _cluster.Cluster.DeactivateAsync(Service);
        await Put(new ServiceSpec { Ports = [1] });

        await Eventually.Holds("the change is pushed", () => observer.Pushed.Any(one => one.Version.Revision == 2), ControlPlaneTimeouts.HubRenewal / 2);
    }

    [Fact]
    public async Task A_store_that_lost_writes_wins_over_what_proxies_hold()
    {
        for (var port = 1; port <= 3; port++)
        {
            await Put(new ServiceSpec { Ports = [port] });
        }

        var observer = new RecordingObserver();
        var held = Assert.Single((await Renew("p1", observer, Held(SnapshotVersion.None))).Changed).Version;
        Assert.Equal(3, held.Revision);
        var record = (await _cluster.Store.Read(Web))!;
        _cluster.Store.Overwrite(record with { Revision = 1, SpecRevision = 1, Spec = new ServiceSpec { Ports = [1] } });
        await _cluster.Cluster.DeactivateAsync(Service);

        await Eventually.Holds(
            "a renewal brings the older revision",
            async () => (await Renew("p1", observer, Held(held))).Changed is [{ Version.Revision: 1 }],
            TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_restarted_proxy_does_not_inherit_subscriptions()
    {
        await Put(new ServiceSpec());
        var before = new RecordingObserver();
        await Renew("p1", before, Held(SnapshotVersion.None));

        var request = new RenewRequest
        {
            Proxy = new ProxyInfo { Id = "p1", Namespace = "shop", Version = "1", StartedAt = DateTimeOffset.UnixEpoch },
            Held = [],
            IsComplete = true,
            Sequence = 1,
        };
        await Gateway("p1").Renew(request, _cluster.Client.CreateObjectReference<IProxyObserver>(new RecordingObserver()));

        Assert.Empty(Assert.Single(await Hub.ListProxies()).Subscriptions);
    }

    [Fact]
    public async Task A_rejected_snapshot_is_not_sent_again()
    {
        await Put(new ServiceSpec());
        var rejecting = new HeldSnapshot(Web, SnapshotVersion.None, new RejectedSnapshot(1, "because"));

        Assert.Empty((await Renew("p1", new RecordingObserver(), rejecting)).Changed);
        await Put(new ServiceSpec { Ports = [1] });
        Assert.Single((await Renew("p1", new RecordingObserver(), rejecting)).Changed);
    }

    [Fact]
    public async Task An_older_request_takes_nothing_from_a_newer_one()
    {
        await Put(new ServiceSpec());
        var observer = new RecordingObserver();
        await Renew("p1", observer, isComplete: false, sequence: 2, Held(SnapshotVersion.None));

        await Renew("p1", observer, isComplete: true, sequence: 1);
        Assert.Single(Assert.Single(await Hub.ListProxies()).Subscriptions);

        await Renew("p1", observer, isComplete: true, sequence: 3);
        Assert.Empty(Assert.Single(await Hub.ListProxies()).Subscriptions);
    }

    [Theory]
    [InlineData("web-1", "10.0.0.7:8080", 1)]
    [InlineData("web-1", "10.0.0.7", -1)]
    [InlineData("a/b", "10.0.0.7", 1)]
    public async Task A_sidecars_bad_endpoint_is_refused(string id, string host, int weight)
    {
        var endpoint = new EndpointSpec { Host = host, Port = 80, Weight = weight };

        await Assert.ThrowsAsync<ArgumentException>(() => Gateway("p1").Register(Web, id, endpoint));

        Assert.Equal(0, _cluster.Store.Writes);
    }

    [Fact]
    public async Task A_registered_endpoint_is_pushed_and_its_lease_renewal_is_not_a_write()
    {
        var gateway = Gateway("p1");
        var endpoint = new EndpointSpec { Host = "127.0.0.1", Port = 8080 };
        await gateway.Register(Web, "web-1", endpoint);
        var writes = _cluster.Store.Writes;

        await gateway.Register(Web, "web-1", endpoint);
        Assert.Equal(writes, _cluster.Store.Writes);

        await gateway.Register(Web, "web-1", endpoint with { State = EndpointState.Draining });
        Assert.Equal(EndpointState.Draining, Assert.Single((await Service.Get())!.Endpoints).State);

        await gateway.Deregister(Web, "web-1");
        Assert.Empty((await Service.Get())!.Endpoints);
    }

    private IServiceGrain Service => _cluster.Grains.GetGrain<IServiceGrain>(Web.ToString());

    private Mesh.Grains.Push.IPushHub Hub
    {
        get
        {
            var services = _cluster.Cluster.Silos[0].ServiceProvider;
            var client = (Mesh.Grains.Push.IPushHubClient)services.GetService(typeof(Mesh.Grains.Push.IPushHubClient))!;
            return client.At(_cluster.Cluster.Silos[0].SiloAddress);
        }
    }

    [Fact]
    public async Task Settings_that_appear_reach_those_who_had_none()
    {
        var record = NamespaceSettings.Of("shop");
        var held = new HeldSnapshot(record, SnapshotVersion.None, null);
        Assert.Equal([record], (await Renew("p1", new RecordingObserver(), held)).Unknown);

        await _cluster.Grains.GetGrain<IServiceGrain>(record.ToString()).Write(new WriteRequest
        {
            Command = new PutSpec(new ServiceSpec { NamespaceSettings = new NamespaceSettings { AllowOverride = true } }),
            Author = "test",
        });

        await Eventually.Holds("the settings arrive", async () =>
            (await Renew("p1", new RecordingObserver(), held)).Changed.Any(static snapshot => snapshot.Decode().Spec!.NamespaceSettings!.AllowOverride));
    }

    [Fact]
    public async Task A_proxy_explains_through_the_hub_it_is_connected_to()
    {
        await Renew("p1", new RecordingObserver());

        var explanation = await Hub.Explain("p1", new ExplainRequest { Authority = "web", Headers = new Dictionary<string, string> { ["a"] = "b" } });

        Assert.Equal("web", explanation!.Proxy);
        Assert.True(Assert.Single(explanation.Rules!).Matches);
        Assert.Null(await Hub.Explain("p2", new ExplainRequest { Authority = "web" }));
    }

    private IProxyGatewayGrain Gateway(string proxyId) => _cluster.Client.GetGrain<IProxyGatewayGrain>(proxyId);

    private static HeldSnapshot Held(SnapshotVersion version) => new(Web, version, null);

    private Task<RenewReply> Renew(string proxyId, RecordingObserver observer, params HeldSnapshot[] held) =>
        Renew(proxyId, observer, isComplete: true, sequence: 0, held);

    private Task<RenewReply> Renew(string proxyId, RecordingObserver observer, bool isComplete, long sequence, params HeldSnapshot[] held)
    {
        var request = new RenewRequest
        {
            Proxy = new ProxyInfo { Id = proxyId, Namespace = "shop", Version = "1" },
            Held = held,
            IsComplete = isComplete,
            Sequence = sequence,
        };
        _observers.Add(observer);
        return Gateway(proxyId).Renew(request, _cluster.Client.CreateObjectReference<IProxyObserver>(observer));
    }

    private Task<WriteResult> Put(ServiceSpec spec) => Write(new PutSpec(spec));

    private async Task<WriteResult> Write(ServiceCommand command)
    {
        var result = await Service.Write(new WriteRequest { Command = command, Author = "test" });
        Assert.Equal(WriteStatus.Stored, result.Status);
        return result;
    }
}
