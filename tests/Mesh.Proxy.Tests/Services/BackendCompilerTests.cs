using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Services;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Services;

public sealed class BackendCompilerTests
{
    private readonly ServiceTable _table = new(
        "shop", new ServiceModelCompiler(TimeProvider.System, new Random(7)), TimeProvider.System, NullLogger<ServiceTable>.Instance);

    private long _revision;

    private ServiceModel Web => _table.GetOrAdd(new("shop", "web")).Model!;

    [Fact]
    public void Subsets_keep_their_counters_whatever_the_order_of_their_labels()
    {
        Apply(Split(Backend("web", 1, ("a", "1"), ("b", "2")), Backend("web", 1, ("a", "2")), Backend("web", 1)));
        var before = Web.Rules[0].Backends.Select(static backend => backend.Stats).ToArray();
        Assert.Equal(3, before.Distinct().Count());

        Apply(Split(Backend("web", 1), Backend("web", 5, ("b", "2"), ("a", "1")), Backend("web", 1, ("a", "3"))));

        var after = Web.Rules[0].Backends.Select(static backend => backend.Stats).ToArray();
        Assert.Same(before[2], after[0]);
        Assert.Same(before[0], after[1]);
        Assert.DoesNotContain(after[2], before);
    }

    [Theory]
    [InlineData(90, 10)]
    [InlineData(1, 2)]
    public void Splits_over_subsets_by_weight_within_two_percent(int first, int second)
    {
        const int Requests = 20_000;
        Apply(Split(Backend("web", first, ("v", "1")), Backend("web", second, ("v", "2"))));
        var random = new Random(7);

        var toFirst = Enumerable.Range(0, Requests).Count(_ => Web.Rules[0].PickBackend(random)!.Subset == "v=1");

        var share = (double)first / (first + second);
        Assert.InRange((double)toFirst / Requests, share - 0.02, share + 0.02);
    }

    [Fact]
    public void A_rules_filters_keep_their_counters()
    {
        Apply(Filter(Direct(200)));
        var before = Web.Rules[0].FilterCounters;

        Apply(Filter(Direct(503)));

        Assert.NotNull(before);
        Assert.Same(before, Web.Rules[0].FilterCounters);
    }

    [Fact]
    public void A_rule_without_filters_costs_nothing_for_them()
    {
        Apply(Split(Backend("web", 1)));

        var rule = Web.Rules[0];
        Assert.True(rule is { Filters: null, Changes: null, FilterCounters: null });
        Assert.Null(rule.Backends[0].Changes);
    }

    [Fact]
    public void Who_gets_copies_is_kept_fresh_too()
    {
        Apply(Filter(Mirror("shadow")) with { BackendRefs = [Backend("web", 1) with { Filters = [Mirror("second")] }] });

        Assert.Contains(new("shop", "shadow"), Web.References);
        Assert.Contains(new("shop", "second"), Web.References);
    }

    public static TheoryData<string, RouteFilter> Unusable => new()
    {
        { "status", Direct(99) },
        { "origin", new RouteFilter { Type = RouteFilterType.Cors, Cors = new CorsPolicy { AllowOrigins = ["nowhere"] } } },
        { "share", Mirror("shadow", new Fraction { Numerator = 1, Denominator = 0 }) },
        { "service", Mirror("Not A Name") },
        { "prefix", Rewrite(new PathModifier { Type = PathModifierType.ReplacePrefixMatch, ReplacePrefixMatch = "/b" }) },
        { "path", Rewrite(new PathModifier { Type = PathModifierType.ReplaceFullPath, ReplaceFullPath = "b" }) },
        { "no path", Rewrite(new PathModifier { Type = PathModifierType.ReplaceFullPath }) },
        { "scheme", Redirect(new RequestRedirect { Scheme = "gopher" }) },
        { "code", Redirect(new RequestRedirect { StatusCode = 200 }) },
        { "delay", Fault(new FaultInjection { Delay = new FaultDelay { FixedDelay = TimeSpan.FromDays(50) } }) },
        { "abort", Fault(new FaultInjection { Abort = new FaultAbort() }) },
    };

    /// <summary>What the management API refuses may still come from elsewhere.</summary>
    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_filter_that_cannot_be_used_keeps_the_rules_before(string what, RouteFilter filter)
    {
        Apply(Filter(Direct(200)));
        var before = Web;

        var rule = Filter(filter) with { Matches = [Path(PathMatchType.Exact, "/a")] };
        var ack = _table.Apply(Of("shop/web", ++_revision, Rules(rule), At(1)), isAuthoritative: true);

        Assert.Contains("rule 'all'", ack.Rejected?.Reason ?? what, StringComparison.Ordinal);
        Assert.Same(before, Web);
    }

    private static RouteRule Split(params BackendRef[] backends) => Rule("all") with { BackendRefs = backends };

    private static RouteRule Filter(RouteFilter filter) => Rule("all") with { Filters = [filter] };

    private static BackendRef Backend(string name, int weight, params (string Name, string Value)[] labels) => new()
    {
        Name = name,
        Weight = weight,
        Labels = labels.ToDictionary(static label => label.Name, static label => label.Value),
    };

    private static RouteFilter Direct(int status) => new() { Type = RouteFilterType.DirectResponse, DirectResponse = new DirectResponse { Status = status } };

    private static RouteFilter Mirror(string name, Fraction? fraction = null) => new()
    {
        Type = RouteFilterType.RequestMirror,
        RequestMirror = new RequestMirror { BackendRef = new MirrorBackend { Name = name }, Fraction = fraction },
    };

    private static RouteFilter Rewrite(PathModifier path) => new() { Type = RouteFilterType.UrlRewrite, UrlRewrite = new UrlRewrite { Path = path } };

    private static RouteFilter Redirect(RequestRedirect redirect) => new() { Type = RouteFilterType.RequestRedirect, RequestRedirect = redirect };

    private static RouteFilter Fault(FaultInjection fault) => new() { Type = RouteFilterType.FaultInjection, FaultInjection = fault };

    private void Apply(RouteRule rule) =>
        Assert.Null(_table.Apply(Of("shop/web", ++_revision, Rules(rule), At(1)), isAuthoritative: true).Rejected);
}
