using System.Text;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Services;

public sealed class ServiceTableTests
{
    private static readonly ServiceName Web = new("shop", "web");

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceTable _table;

    public ServiceTableTests() => _table = new ServiceTable(
        "shop", new ServiceModelCompiler(_time, new Random(7)), _time, NullLogger<ServiceTable>.Instance);

    [Theory]
    [InlineData("web", true)]
    [InlineData("WEB", true)]
    [InlineData("web.shop", true)]
    [InlineData("Web.Shop.SVC", true)]
    [InlineData("web.shop.svc.cluster.local", true)]
    [InlineData("web.example", true)]
    [InlineData("WEB.EXAMPLE", true)]
    [InlineData("web.shop.service", false)]
    [InlineData("web.other", false)]
    [InlineData("web.shop.example", false)]
    [InlineData("other", false)]
    [InlineData("", false)]
    public void Finds_a_service_by_all_of_its_names(string host, bool expected)
    {
        _table.Apply(Of("shop/web", 1, new ServiceSpec { Hosts = ["web.example"] }), isAuthoritative: true);

        Assert.Equal(expected, _table.TryFind(host, out var found));
        Assert.Equal(expected ? Web : null, found?.Name);
    }

    [Fact]
    public void A_host_of_one_label_is_in_the_own_namespace()
    {
        _table.Apply(Of("other/web", 1, new ServiceSpec()), isAuthoritative: true);

        Assert.False(_table.TryFind("web", out _));
        Assert.True(_table.TryFind("web.other", out _));
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        _table.Apply(Of("shop/web", 1, new ServiceSpec { Hosts = ["web.example"] }), isAuthoritative: true);
        Look();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Look();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Look()
        {
            for (var i = 0; i < 100; i++)
            {
                _table.TryFind("Web", out _);
                _table.TryFind("web.shop.svc.cluster.local", out _);
                _table.TryFind("web.example", out _);
                _table.TryFind("nobody.example", out _);
            }
        }
    }

    [Fact]
    public void Aliases_come_and_go_with_snapshots()
    {
        _table.Apply(Of("shop/web", 1, new ServiceSpec { Hosts = ["a.example", "b.example"] }), isAuthoritative: false);
        _table.Apply(Of("shop/web", 2, new ServiceSpec { Hosts = ["b.example", "c.example"] }), isAuthoritative: false);

        Assert.False(_table.TryFind("a.example", out _));
        Assert.True(_table.TryFind("b.example", out _));
        Assert.True(_table.TryFind("c.example", out _));
    }

    [Fact]
    public void Of_two_services_with_one_alias_the_first_by_name_has_it_until_it_gives_it_up()
    {
        _table.Apply(Of("shop/b", 1, new ServiceSpec { Hosts = ["x.example"] }), isAuthoritative: false);
        _table.Apply(Of("shop/a", 1, new ServiceSpec { Hosts = ["x.example"] }), isAuthoritative: false);
        Assert.Equal("a", Find("x.example"));

        _table.Apply(Of("shop/a", 2, new ServiceSpec()), isAuthoritative: false);
        Assert.Equal("b", Find("x.example"));
    }

    [Fact]
    public void A_name_wins_over_an_alias_only_while_its_service_exists()
    {
        _table.Apply(Of("shop/web", 1, new ServiceSpec { Hosts = ["cart.shop"] }), isAuthoritative: false);
        _table.GetOrAdd(new ServiceName("shop", "cart"));
        Assert.Equal("web", Find("cart.shop"));

        _table.Apply(Of("shop/cart", 1, new ServiceSpec()), isAuthoritative: false);
        Assert.Equal("cart", Find("cart.shop"));

        _table.Apply(Of("shop/cart", 2, spec: null), isAuthoritative: false);
        Assert.Equal("web", Find("cart.shop"));
    }

    [Fact]
    public void A_deleted_service_is_forgotten_once_nobody_asks_for_it()
    {
        _table.Apply(Of("shop/web", 1, new ServiceSpec()), isAuthoritative: true);
        _table.Apply(Of("shop/web", 2, spec: null), isAuthoritative: true);
        var deleted = _table.GetOrAdd(Web);
        Pass(ServiceTable.Keep / 2);
        deleted.Touch(_time.GetTimestamp());
        Pass(ServiceTable.Keep);
        Assert.True(_table.TryGet(Web, out _));

        Pass(TimeSpan.FromSeconds(1));

        Assert.False(_table.TryGet(Web, out _));
        Assert.All((string[])["web", "web.shop", "web.shop.svc"], host => Assert.False(_table.TryFind(host, out _)));

        // Another one of its name is another, and older than the deleted one it may be, too.
        _table.Apply(Of("shop/web", 1, new ServiceSpec()), isAuthoritative: false);
        Assert.True(_table.TryFind("web", out var again));
        Assert.NotSame(deleted, again);
    }

    [Fact]
    public void What_is_known_live_busy_or_referred_to_is_not_forgotten()
    {
        var rule = Rule("r") with
        {
            BackendRefs = [new BackendRef { Name = "backend" }],
            Filters = [new RouteFilter { Type = RouteFilterType.RequestMirror, RequestMirror = new RequestMirror { BackendRef = new MirrorBackend { Name = "shadow" } } }],
        };
        _table.Apply(Of("shop/web", 1, Rules(rule)), isAuthoritative: true);
        _table.GetOrAdd(new ServiceName("shop", "live")).IsLive = true;
        _table.GetOrAdd(new ServiceName("shop", "busy")).Tunnels.Begin();
        _table.GetOrAdd(new ServiceName("shop", "nothing"));

        Pass(ServiceTable.Keep * 2);

        Assert.Equal(
            ["backend", "busy", "live", "namespace-settings", "shadow", "web"],
            _table.All.Select(static service => service.Name.Name).Order(StringComparer.Ordinal));
        Assert.Same(_table.GetOrAdd(new ServiceName("shop", "backend")), _table.GetOrAdd(Web).Model!.Rules[0].Backends[0].Service);

        // Without the rule, nobody refers to them.
        _table.Apply(Of("shop/web", 2, new ServiceSpec()), isAuthoritative: true);
        Pass(TimeSpan.Zero);
        Assert.Equal(["busy", "live", "namespace-settings", "web"], _table.All.Select(static service => service.Name.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_snapshot_that_comes_while_its_service_is_forgotten_is_not_lost()
    {
        using var stop = new CancellationTokenSource();
        _table.Apply(Of("shop/web", 1, spec: null), isAuthoritative: true);
        var sweeping = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    _time.Advance(ServiceTable.Keep * 2);
                    _table.Sweep();
                }
            },
            CancellationToken.None);
        for (var revision = 2; revision < 2000; revision++)
        {
            _table.Apply(Of("shop/web", revision, new ServiceSpec()), isAuthoritative: true);
            Assert.True(_table.TryFind("web", out var found) && found.Version.Revision == revision, $"revision {revision} is lost");
            _table.Apply(Of("shop/web", ++revision, spec: null), isAuthoritative: true);
        }

        await stop.CancelAsync();
        await sweeping;
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _table.Sweep();
    }

    [Theory]
    [InlineData(4, false, 5)]
    [InlineData(5, false, 5)]
    [InlineData(6, false, 6)]
    [InlineData(4, true, 4)]
    [InlineData(6, true, 6)]
    public void Pushes_only_go_forward_and_renewals_may_go_back(long revision, bool isAuthoritative, long expected)
    {
        _table.Apply(Of("shop/web", 5, new ServiceSpec(), At(1)), isAuthoritative: true);

        var ack = _table.Apply(Of("shop/web", revision, new ServiceSpec(), At(2)), isAuthoritative);

        Assert.Equal(expected, ack.Applied.Revision);
        Assert.Equal(expected, _table.GetOrAdd(Web).Model!.Version.Revision);
        Assert.Null(ack.Rejected);
    }

    [Fact]
    public void A_renewal_replaces_another_snapshot_of_the_same_revision()
    {
        _table.Apply(Of("shop/web", 5, new ServiceSpec(), At(1)), isAuthoritative: true);

        _table.Apply(Of("shop/web", 5, new ServiceSpec(), At(2)), isAuthoritative: true);

        Assert.Equal(2, Assert.Single(_table.GetOrAdd(Web).Model!.Endpoints.All).Endpoint.Port);
    }

    [Fact]
    public void The_same_snapshot_again_changes_nothing()
    {
        _table.Apply(Of("shop/web", 5, new ServiceSpec()), isAuthoritative: true);
        var model = _table.GetOrAdd(Web).Model;
        var changes = 0;
        _table.Changed += _ => changes++;

        _table.Apply(Of("shop/web", 5, new ServiceSpec()), isAuthoritative: true);

        Assert.Same(model, _table.GetOrAdd(Web).Model);
        Assert.Equal(0, changes);
    }

    [Fact]
    public void Bytes_that_are_no_snapshot_are_rejected() =>
        AssertRejected(EncodedSnapshot.FromJson(Web, 2, "{\"service\":"u8.ToArray()), "not a snapshot");

    [Fact]
    public void A_snapshot_under_another_name_is_rejected() =>
        AssertRejected(EncodedSnapshot.FromJson(Web, 2, Of("shop/cart", 2, new ServiceSpec()).Json.Value), "shop/cart");

    [Fact]
    public void A_pattern_that_does_not_compile_is_rejected() =>
        AssertRejected(Of("shop/web", 2, Rules(Rule("bad", Path(PathMatchType.RegularExpression, "/(")))), "pattern");

    [Fact]
    public void A_header_that_no_rule_may_change_is_rejected() =>
        AssertRejected(
            Of("shop/web", 2, Rules(Rule("bad") with
            {
                Filters =
                [
                    new RouteFilter
                    {
                        Type = RouteFilterType.RequestHeaderModifier,
                        RequestHeaderModifier = new HeaderModifier { Remove = ["content-length"] },
                    },
                ],
            })),
            "rule 'bad'");

    [Fact]
    public void An_endpoint_that_cannot_be_used_costs_only_itself()
    {
        var good = At(80);
        _table.Apply(Of("shop/web", 1, new ServiceSpec(), good, At(81) with { Id = "e2", Host = "a/b" }, At(82) with { Id = "e3", Weight = -1 }), isAuthoritative: true);

        Assert.Equal([80], _table.GetOrAdd(Web).Model!.Endpoints.All.Select(endpoint => endpoint.Key.Port));
    }

    [Theory]
    [InlineData("\"spec\":{\"routes\":[null]}")]
    [InlineData("\"spec\":{\"hosts\":[null]}")]
    [InlineData("\"spec\":{\"routes\":[{\"name\":\"r\",\"matches\":[null]}]}")]
    [InlineData("\"spec\":{\"routes\":[{\"name\":\"r\",\"backendRefs\":[{\"name\":\"UPPER\"}]}]}")]
    [InlineData("\"spec\":{},\"endpoints\":[null]")]
    public void Whatever_is_odd_about_a_snapshot_it_is_rejected(string members) => AssertRejected(
        EncodedSnapshot.FromJson(Web, 2, Encoding.UTF8.GetBytes($"{{\"service\":\"shop/web\",\"revision\":2,{members}}}")), "");

    [Fact]
    public void A_late_push_is_ignored_even_when_it_is_broken()
    {
        _table.Apply(Of("shop/web", 5, new ServiceSpec()), isAuthoritative: true);

        var ack = _table.Apply(EncodedSnapshot.FromJson(Web, 4, "[]"u8.ToArray()), isAuthoritative: false);

        Assert.Equal(5, ack.Applied.Revision);
        Assert.Null(ack.Rejected);
    }

    [Fact]
    public void A_time_limit_longer_than_a_timer_can_wait_is_none()
    {
        var rule = Rule("long") with { Timeouts = new RouteTimeouts { Request = TimeSpan.FromHours(99_999), BackendRequest = TimeSpan.FromHours(1) } };

        _table.Apply(Of("shop/web", 1, Rules(rule)), isAuthoritative: true);

        var model = Assert.Single(_table.GetOrAdd(Web).Model!.Rules);
        Assert.Null(model.RequestTimeout);
        Assert.Equal(TimeSpan.FromHours(1), model.TryTimeout);
    }

    [Fact]
    public void A_good_snapshot_ends_a_rejection()
    {
        _table.Apply(EncodedSnapshot.FromJson(Web, 2, "[]"u8.ToArray()), isAuthoritative: false);
        Assert.NotNull(_table.GetOrAdd(Web).Held.Rejected);

        _table.Apply(Of("shop/web", 3, new ServiceSpec()), isAuthoritative: false);

        Assert.Null(_table.GetOrAdd(Web).Held.Rejected);
    }

    [Fact]
    public void Tells_of_changes_after_they_are_visible()
    {
        var seen = new List<long>();
        _table.Changed += state => seen.Add(state.Model!.Version.Revision);

        _table.Apply(Of("shop/web", 1, new ServiceSpec()), isAuthoritative: false);
        _table.Apply(Of("shop/web", 3, new ServiceSpec()), isAuthoritative: false);
        _table.Apply(Of("shop/web", 2, new ServiceSpec()), isAuthoritative: false);

        Assert.Equal([1, 3], seen);
    }

    [Fact]
    public void Names_the_other_services_its_rules_refer_to()
    {
        var rule = Rule("split") with
        {
            BackendRefs = [new BackendRef { Name = "web" }, new BackendRef { Name = "v2" }, new BackendRef { Name = "v2", Namespace = "other" }],
        };

        _table.Apply(Of("shop/web", 1, Rules(rule)), isAuthoritative: false);

        Assert.Equal([new("shop", "v2"), new("other", "v2"), NamespaceSettings.Of("shop")], _table.GetOrAdd(Web).Model!.References);
        Assert.True(_table.TryGet(new ServiceName("other", "v2"), out var backend));
        Assert.Null(backend.Model);
    }

    [Fact]
    public void Counters_of_a_rule_survive_a_snapshot_and_those_of_a_gone_rule_do_not()
    {
        _table.Apply(Of("shop/web", 1, Rules(Rule("stays"), Rule("goes"))), isAuthoritative: false);
        var before = _table.GetOrAdd(Web).Model!.Rules;

        _table.Apply(Of("shop/web", 2, Rules(Rule("comes"), Rule("stays", Prefix("/x")))), isAuthoritative: false);
        var after = _table.GetOrAdd(Web).Model!.Rules;

        Assert.Same(before[0].Backends[0].Stats, after[1].Backends[0].Stats);
        Assert.NotSame(before[1].Backends[0].Stats, after[0].Backends[0].Stats);
    }

    [Fact]
    public void Of_concurrent_pushes_the_newest_wins()
    {
        Parallel.ForEach(
            Enumerable.Range(1, 500).OrderBy(static i => i * 7919 % 500),
            revision => _table.Apply(Of("shop/web", revision, new ServiceSpec(), At(revision)), isAuthoritative: false));

        var model = _table.GetOrAdd(Web).Model!;
        Assert.Equal(500, model.Version.Revision);
        Assert.Equal(500, model.Endpoints.All[0].Endpoint.Port);
    }

    private string? Find(string host) => _table.TryFind(host, out var service) ? service.Name.Name : null;

    private void AssertRejected(EncodedSnapshot snapshot, string reason)
    {
        _table.Apply(Of("shop/web", 1, new ServiceSpec()), isAuthoritative: true);
        var good = _table.GetOrAdd(Web).Model;

        var ack = _table.Apply(snapshot, isAuthoritative: true);

        Assert.Equal(1, ack.Applied.Revision);
        Assert.Equal(2, ack.Rejected!.Revision);
        Assert.Contains(reason, ack.Rejected.Reason, StringComparison.Ordinal);
        Assert.Same(good, _table.GetOrAdd(Web).Model);
        Assert.Equal(ack.Rejected, _table.GetOrAdd(Web).Held.Rejected);
    }
}
