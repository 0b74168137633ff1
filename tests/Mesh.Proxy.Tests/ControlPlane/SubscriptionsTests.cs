using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.ControlPlane;
using Mesh.Proxy.Explain;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Services;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Regions.Reaches;

namespace Mesh.Proxy.Tests.ControlPlane;

public sealed class SubscriptionsTests : IAsyncDisposable
{
    private static readonly ServiceName Web = new("default", "web");
    private static readonly ServiceName V2 = new("default", "web-v2");
    private static readonly ServiceName Settings = NamespaceSettings.Of("default");
    private static readonly ServiceSpec ToV2 = new()
    {
        Routes = [new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "web-v2" }] }],
    };

    private readonly FakeTimeProvider _time = new();
    private readonly FakeControlPlane _controlPlane = new();
    private readonly ServiceTable _table;
    private readonly ProxyOptions _options = new();
    private Subscriptions? _subscriptions;
    private ServiceSource? _source;

    public SubscriptionsTests() => _table = new ServiceTable(
        ServiceName.DefaultNamespace, new ServiceModelCompiler(_time, Random.Shared), _time, NullLogger<ServiceTable>.Instance);

    public async ValueTask DisposeAsync()
    {
        if (_subscriptions is not null)
        {
            await _subscriptions.StopAsync(CancellationToken.None);
            _subscriptions.Dispose();
        }
    }

    [Fact]
    public async Task Warm_up_services_are_cold_until_they_are_known()
    {
        _options.WarmUp.Add("default/web");
        await Start();
        Assert.Equal([Web], _subscriptions!.Cold);

        _controlPlane.Put(Web, 1, new ServiceSpec());
        _controlPlane.Connect();

        await Eventually.Holds("the service is warm", () => !_subscriptions.Cold.Any());
        Assert.True(Live(Web));
    }

    [Fact]
    public async Task A_warm_up_service_that_does_not_exist_keeps_nobody_waiting()
    {
        _options.WarmUp.Add("default/web");
        _controlPlane.Connect();
        await Start();

        await Eventually.Holds("the control plane has said so", () => !_subscriptions!.Cold.Any());
    }

    [Fact]
    public async Task What_a_rule_newly_refers_to_is_there_before_the_rule_applies()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        _controlPlane.Put(V2, 1, new ServiceSpec());
        await Connected(Web);
        var wasThere = false;
        _table.Changed += state => wasThere |= state.Name == Web && _table.TryGet(V2, out var v2) && v2.Model is not null;

        var ack = await _subscriptions!.Push(_controlPlane.Put(Web, 2, ToV2));

        Assert.Equal(2, ack.Applied.Revision);
        Assert.True(wasThere);
        Assert.True(Live(V2));
    }

    [Fact]
    public async Task A_rule_waits_a_while_for_a_service_that_cannot_be_asked()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        _controlPlane.Put(V2, 1, new ServiceSpec());
        await Connected(Web);
        _controlPlane.Failure = new InvalidOperationException("its silo was just killed");

        var ack = await _subscriptions!.Push(_controlPlane.Put(Web, 2, ToV2));
        Assert.Equal((1, 2), (ack.Applied.Revision, ack.Rejected?.Revision));

        _controlPlane.Failure = null;
        await Eventually.Holds("the rule applies once the service is known", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Revision(Web) == 2;
        });
        Assert.True(Live(V2));
    }

    [Fact]
    public async Task A_rule_does_not_wait_for_ever_nor_for_what_does_not_exist()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);
        Assert.Equal(2, (await _subscriptions!.Push(_controlPlane.Put(Web, 2, ToV2))).Applied.Revision);

        var other = new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "never-answers" }] };
        var snapshot = _controlPlane.Put(Web, 3, new ServiceSpec { Routes = [other] });
        _controlPlane.Failure = new InvalidOperationException("for good");
        Assert.Equal(2, (await _subscriptions.Push(snapshot)).Applied.Revision);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(3, (await _subscriptions.Push(snapshot)).Applied.Revision);
    }

    [Fact]
    public async Task A_push_that_is_overtaken_is_ignored()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);
        var late = _controlPlane.Put(Web, 2, new ServiceSpec { Ports = [2] });

        await _subscriptions!.Push(_controlPlane.Put(Web, 3, new ServiceSpec { Ports = [3] }));
        var ack = await _subscriptions.Push(late);

        Assert.Equal(3, ack.Applied.Revision);
    }

    [Fact]
    public async Task A_renewal_brings_what_was_missed()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);

        _controlPlane.Put(Web, 2, new ServiceSpec { Ports = [2] });
        await Pass("the change is there", () => Revision(Web) == 2);
    }

    [Fact]
    public async Task A_renewals_answer_counts_even_when_it_goes_back()
    {
        _controlPlane.Put(Web, 5, new ServiceSpec { Ports = [5] });
        await Connected(Web);

        _controlPlane.Put(Web, 3, new ServiceSpec { Ports = [3] });
        await Eventually.Holds("the older revision is used", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Revision(Web) == 3;
        });
    }

    [Fact]
    public async Task A_control_plane_that_forgot_a_service_takes_no_traffic_down()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);

        _controlPlane.Forget(Web);
        await Eventually.Holds("the proxy has heard of it", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return !Live(Web);
        });

        var found = await _source!.FindAsync("web", CancellationToken.None);
        Assert.Equal(1, found.Service?.Version.Revision);
    }

    [Fact]
    public async Task After_ten_idle_minutes_a_service_is_not_renewed_and_still_known()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);

        _time.Advance(WantedServices.IdleTimeout + TimeSpan.FromSeconds(1));
        await Eventually.Holds("it is not kept fresh", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return !Live(Web);
        });
        Assert.Equal(1, Revision(Web));

        _controlPlane.Put(Web, 2, new ServiceSpec());
        var found = await _source!.FindAsync("web", CancellationToken.None);
        Assert.Equal(2, found.Service?.Version.Revision);
        Assert.True(Live(Web));
    }

    /// <summary>Nobody calls it from here, and it says who may call.</summary>
    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Tcp)]
    public async Task The_service_beside_the_proxy_is_kept_fresh_also_without_identities(ServiceProtocol protocol)
    {
        _options.App.Service = Web.ToString();
        _options.App.Protocol = protocol;
        _controlPlane.Put(Web, 1, new ServiceSpec());
        _controlPlane.Connect();
        await Start();
        await Eventually.Holds("its policy is known", () => Live(Web));

        _time.Advance(WantedServices.IdleTimeout + TimeSpan.FromSeconds(1));
        _controlPlane.Put(Web, 2, new ServiceSpec { Access = new AccessPolicy { Default = AccessDefault.Deny } });

        await Pass("the change is there", () => Revision(Web) == 2);
        Assert.True(Live(Web));
    }

    [Fact]
    public async Task What_the_namespace_says_of_callers_is_there_before_the_first_policy_of_the_service_beside_the_proxy()
    {
        _options.App.Service = Web.ToString();
        _controlPlane.Put(Web, 1, new ServiceSpec());
        _controlPlane.Put(Settings, 1, new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Deny } });
        var wasThere = false;
        _table.Changed += state => wasThere |= state.Name == Web && state.Model!.Namespace.Settings.AccessDefault == AccessDefault.Deny;
        _controlPlane.Connect();

        await Start();

        await Eventually.Holds("both are known", () => Live(Web));
        Assert.True(wasThere);
    }

    [Fact]
    public async Task A_namespace_that_says_nothing_of_callers_is_known_for_that_until_it_does()
    {
        _options.App.Service = Web.ToString();
        _controlPlane.Put(Web, 1, new ServiceSpec());
        _controlPlane.Connect();
        await Start();
        await Eventually.Holds("the service is known", () => Live(Web));
        Assert.True(_table.GetOrAdd(Settings).Model!.IsDeleted);

        _controlPlane.Put(Settings, 1, new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Deny } });
        await Pass("it says something", () => _table.GetOrAdd(Settings).Settings.AccessDefault == AccessDefault.Deny);

        _controlPlane.Forget(Settings);
        await Pass("the control plane has forgotten it", () => !Live(Settings));
        Assert.Equal(AccessDefault.Deny, _table.GetOrAdd(Settings).Settings.AccessDefault);
    }

    [Fact]
    public async Task Who_asks_for_a_service_that_is_known_from_before_gets_what_it_lacks_as_well()
    {
        _table.Apply(_controlPlane.Put(Web, 1, ToV2), isAuthoritative: true);
        _controlPlane.Put(V2, 1, new ServiceSpec());

        await Connected(Web);

        Assert.True(Live(V2));
    }

    [Fact]
    public async Task Of_an_unknown_name_the_control_plane_is_asked_once_a_second()
    {
        _controlPlane.Connect();
        await Start();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(LookupFailure.UnknownService, (await _source!.FindAsync("nobody", CancellationToken.None)).Failure);
        }

        Assert.Single(_controlPlane.Resolved);
        _controlPlane.Put(new ServiceName("default", "nobody"), 1, new ServiceSpec());
        _time.Advance(UnknownNames.Validity);

        Assert.NotNull((await _source!.FindAsync("nobody", CancellationToken.None)).Service);
    }

    [Fact]
    public async Task Callers_of_one_name_share_one_question()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec { Hosts = ["www.example"] });
        _controlPlane.Connect();
        await Start();
        var gate = new TaskCompletionSource();
        _controlPlane.Gate = gate.Task;

        var lookups = Enumerable.Range(0, 20).Select(_ => _source!.FindAsync("www.example", CancellationToken.None).AsTask()).ToList();
        gate.SetResult();

        Assert.All(await Task.WhenAll(lookups), lookup => Assert.Equal(Web, lookup.Service?.Name));
        Assert.Single(_controlPlane.Resolved);
    }

    [Fact]
    public async Task Without_control_plane_what_is_known_is_used_at_once_and_the_rest_is_said_to_be_unreachable()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);
        _controlPlane.Disconnect();
        _controlPlane.Failure = new InvalidOperationException("no gateway");
        _table.TryGet(Web, out var state);
        state!.IsLive = false;

        var known = _source!.FindAsync("web", CancellationToken.None);
        Assert.True(known.IsCompletedSuccessfully);
        Assert.Equal(Web, (await known).Service?.Name);
        Assert.Equal(LookupFailure.ControlPlaneUnreachable, (await _source.FindAsync("other", CancellationToken.None)).Failure);
    }

    [Fact]
    public async Task A_silent_control_plane_holds_a_request_for_two_seconds_at_most()
    {
        _controlPlane.Connect();
        await Start();
        var gate = new TaskCompletionSource();
        _controlPlane.Gate = gate.Task;

        var lookup = _source!.FindAsync("web", CancellationToken.None).AsTask();
        Assert.False(lookup.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(LookupFailure.ControlPlaneUnreachable, (await lookup.WaitAsync(Eventually.Deadline)).Failure);
        gate.SetResult();
    }

    [Fact]
    public async Task The_proxy_says_what_it_holds_and_why_it_rejected_the_rest()
    {
        _controlPlane.Put(Web, 1, new ServiceSpec());
        await Connected(Web);

        await _subscriptions!.Push(EncodedSnapshot.FromJson(Web, 2, "not json"u8.ToArray()));
        _time.Advance(TimeSpan.FromSeconds(4));

        await Eventually.Holds("the next renewal says so", () => _controlPlane.Renewals.Any(renewal =>
            renewal.IsComplete && renewal.Held.Any(static held => held is { Version.Revision: 1, Rejected.Revision: 2 })));
    }

    [Fact]
    public async Task Gateways_are_known_before_the_first_request_that_needs_them_and_kept_fresh()
    {
        var gateways = ReservedNames.Gateways;
        _controlPlane.Regions = [Via("us")];
        _controlPlane.Put(gateways, 1, new ServiceSpec(), In("us", "g1"));
        _controlPlane.Put(Web, 1, new ServiceSpec(), In("us", "a"));

        await Connected(Web);

        Assert.Equal(["gateway/g1"], _table.GetOrAdd(Web).Model!.Endpoints.All.Select(static endpoint => endpoint.Endpoint.Id));
        _controlPlane.Put(gateways, 2, new ServiceSpec(), In("us", "g2"));
        _time.Advance(TimeSpan.FromSeconds(4));
        await Eventually.Holds("the other gateway is used", () =>
            _table.GetOrAdd(Web).Model!.Endpoints.All.Single().Endpoint.Id == "gateway/g2" && Live(gateways));
    }

    [Fact]
    public async Task Silos_of_an_older_version_tell_nothing_of_regions()
    {
        _controlPlane.Regions = null;
        _controlPlane.Put(Web, 1, new ServiceSpec(), In("us", "a"));

        await Connected(Web);

        Assert.Equal("a", _table.GetOrAdd(Web).Model!.Endpoints.All.Single().Endpoint.Id);
        Assert.Equal("other", _table.GetOrAdd(Web).Model!.Endpoints.LevelOf(_table.GetOrAdd(Web).Model!.Endpoints.All[0]));
    }

    private async Task Start()
    {
        var options = Options.Create(_options);
        _subscriptions = new Subscriptions(_controlPlane, _table, new Lazy<Explainer>(static () => throw new InvalidOperationException()), options, _time, NullLogger<Subscriptions>.Instance);
        _source = new ServiceSource(_controlPlane, _subscriptions, _table, options, _time, NullLogger<ServiceSource>.Instance);
        await _subscriptions.StartAsync(CancellationToken.None);
    }

    private async Task Connected(ServiceName service)
    {
        _controlPlane.Connect();
        await Start();
        Assert.NotNull((await _source!.FindAsync(service.Name, CancellationToken.None)).Service);
    }

    /// <summary>Lets time pass until something holds.</summary>
    private Task Pass(string what, Func<bool> condition) => Eventually.Holds(what, () =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });

    private bool Live(ServiceName service) => _table.TryGet(service, out var state) && state.IsLive;

    private long Revision(ServiceName service) => _table.TryGet(service, out var state) ? state.Version.Revision : 0;
}
