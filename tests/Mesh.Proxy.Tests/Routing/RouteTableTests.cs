using System.Diagnostics;
using Mesh.Abstractions.Routing;
using Mesh.Proxy.Routing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Routing;

public sealed class RouteTableTests
{
    public static TheoryData<string, string> PathWinners => new()
    {
        { "/api", "exact" },
        { "/api/", "short" },
        { "/api/v1", "long" },
        { "/api/v1/items", "long" },
        { "/api/v10", "short" },
        { "/apiary", "rest" },
        { "/API", "rest" },
        { "/item-7", "pattern" },
        { "/item-7/x", "rest" },
        { "/", "rest" },
        { "", "rest" },
    };

    [Theory]
    [MemberData(nameof(PathWinners))]
    public void Prefers_exact_paths_then_long_prefixes_then_patterns(string path, string winner)
    {
        var table = Table(
            Rule("rest"),
            Rule("pattern", Path(PathMatchType.RegularExpression, "/item-[0-9]+")),
            Rule("short", Prefix("/api")),
            Rule("long", Prefix("/api/v1/")),
            Rule("exact", Path(PathMatchType.Exact, "/api")));

        Assert.Equal(winner, Find(table, path: path));
    }

    [Fact]
    public void A_real_prefix_wins_over_a_pattern()
    {
        var table = Table(
            Rule("pattern", Path(PathMatchType.RegularExpression, "/api/.*")),
            Rule("prefix", Prefix("/api")));

        Assert.Equal("prefix", Find(table, path: "/api/x"));
    }

    [Fact]
    public void After_the_path_come_method_headers_and_query()
    {
        var table = Table(
            Rule("path", Prefix("/a")),
            Rule("query", Prefix("/a") with { QueryParams = [Query("q", "1"), Query("r", "2")] }),
            Rule("header", Prefix("/a") with { Headers = [Header("x", "1")] }),
            Rule("headers", Prefix("/a") with { Headers = [Header("x", "1"), Header("y", "2")] }),
            Rule("method", Prefix("/a") with { Method = "POST" }),
            Rule("longer", Prefix("/a/b")));

        var headers = new HeaderDictionary { ["x"] = "1", ["y"] = "2" };
        Assert.Equal("longer", Find(table, "POST", "/a/b", "?q=1&r=2", headers));
        Assert.Equal("method", Find(table, "POST", "/a", "?q=1&r=2", headers));
        Assert.Equal("headers", Find(table, "GET", "/a", "?q=1&r=2", headers));
        Assert.Equal("header", Find(table, "GET", "/a", "?q=1&r=2", new HeaderDictionary { ["x"] = "1" }));
        Assert.Equal("query", Find(table, "GET", "/a", "?q=1&r=2"));
        Assert.Equal("path", Find(table, "GET", "/a", "?q=1"));
    }

    [Fact]
    public void Among_equals_the_first_rule_wins()
    {
        var table = Table(Rule("first", Prefix("/a")), Rule("second", Prefix("/a/")));

        Assert.Equal("first", Find(table, path: "/a/x"));
    }

    /// <summary>The example of the Gateway API's documentation of <c>HTTPRouteRule.matches</c>.</summary>
    [Theory]
    [InlineData("/foo", "v2", "rule")]
    [InlineData("/foo/bar", "v2", "rule")]
    [InlineData("/foo", "v1", null)]
    [InlineData("/v2/foo", "v1", "rule")]
    [InlineData("/v2/fool", "v1", null)]
    public void Matches_of_a_rule_are_alternatives_and_conditions_of_a_match_are_not(string path, string version, string? expected)
    {
        var table = Table(Rule("rule", Prefix("/foo") with { Headers = [Header("version", "v2")] }, Prefix("/v2/foo")));

        Assert.Equal(expected, Find(table, path: path, headers: new HeaderDictionary { ["version"] = version }));
    }

    /// <summary>The example of the Gateway API's HTTP routing guide.</summary>
    [Theory]
    [InlineData("/login", null, "foo")]
    [InlineData("/login/x", null, "foo")]
    [InlineData("/cart", "canary", "canary")]
    [InlineData("/cart", null, "stable")]
    [InlineData("/login", "canary", "foo")]
    public void Routes_like_the_guide(string path, string? env, string expected)
    {
        var table = Table(
            Rule("foo", Prefix("/login")),
            Rule("canary", new RouteMatch { Headers = [Header("env", "canary")] }),
            Rule("stable"));

        Assert.Equal(expected, Find(table, path: path, headers: env is null ? [] : new HeaderDictionary { ["env"] = env }));
    }

    [Theory]
    [InlineData("X-Group", "beta", true)]
    [InlineData("x-group", "beta", true)]
    [InlineData("x-group", "Beta", false)]
    [InlineData("x-other", "beta", false)]
    public void Header_names_are_compared_without_case_and_values_with(string name, string value, bool expected)
    {
        var table = Table(Rule("rule", new RouteMatch { Headers = [Header("x-group", "beta")] }));

        Assert.Equal(expected, Find(table, headers: new HeaderDictionary { [name] = value }) is not null);
    }

    [Fact]
    public void A_repeated_header_is_one_joined_value()
    {
        var table = Table(Rule("rule", new RouteMatch { Headers = [Header("x", "a,b")] }));

        Assert.Equal("rule", Find(table, headers: new HeaderDictionary { ["x"] = new(["a", "b"]) }));
    }

    [Theory]
    [InlineData("canary-7", true)]
    [InlineData("canary-", false)]
    [InlineData("xcanary-7", false)]
    [InlineData("canary-7\n", false)]
    public void A_pattern_must_match_all_of_a_value(string value, bool expected)
    {
        var match = new HeaderMatch { Type = ValueMatchType.RegularExpression, Name = "x", Value = "canary-[0-9]+|never" };
        var table = Table(Rule("rule", new RouteMatch { Headers = [match] }));

        Assert.Equal(expected, Find(table, headers: new HeaderDictionary { ["x"] = value }) is not null);
    }

    [Theory]
    [InlineData("?q=a%20b", true)]
    [InlineData("?q=a+b", true)]
    [InlineData("?x=1&q=a+b&y", true)]
    [InlineData("?%71=a+b", true)]
    [InlineData("?q=a+b&q=other", true)]
    [InlineData("?q=other&q=a+b", false)]
    [InlineData("?Q=a+b", false)]
    [InlineData("?q", false)]
    [InlineData("", false)]
    public void Query_parameters_are_decoded_and_the_first_counts(string query, bool expected)
    {
        var table = Table(Rule("rule", new RouteMatch { QueryParams = [Query("q", "a b")] }));

        Assert.Equal(expected, Find(table, query: query) is not null);
    }

    [Fact]
    public void A_pattern_that_needs_backtracking_is_refused() =>
        Assert.Throws<NotSupportedException>(() => Table(Rule("rule", Path(PathMatchType.RegularExpression, @"/(a+)\1"))));

    [Fact]
    public void A_nasty_pattern_costs_no_more_than_its_text()
    {
        var table = Table(Rule("rule", Path(PathMatchType.RegularExpression, "/(a+)+b")));

        // With backtracking this would take longer than the universe has.
        Assert.Null(Find(table, path: "/" + new string('a', 5_000)));
    }

    [Fact]
    public void Without_matches_a_rule_takes_everything() => Assert.Equal("all", Find(Table(Rule("all")), "PATCH", "/x", "?y"));

    /// <summary>Compared one by one, a thousand would take a hundred times as long as ten.</summary>
    [Theory]
    [InlineData(PathMatchType.Exact)]
    [InlineData(PathMatchType.PathPrefix)]
    public void A_thousand_paths_cost_little_more_than_ten(PathMatchType type)
    {
        var few = Table([.. Enumerable.Range(0, 10).Select(i => Rule($"r{i}", Path(type, $"/items/{i}/details")))]);
        var many = Table([.. Enumerable.Range(0, 1_000).Select(i => Rule($"r{i}", Path(type, $"/items/{i}/details")))]);
        Assert.Equal("r999", Find(many, path: "/items/999/details"));

        Assert.InRange(Cost(many, "/items/999/details") / Cost(few, "/items/9/details"), 0, 20);
    }

    /// <summary>The least of several measurements, in ticks.</summary>
    private static double Cost(RouteTable table, string path)
    {
        var caller = new CallerIdentity(null, "shop");
        var headers = new HeaderDictionary();
        var least = double.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < 2_000; i++)
            {
                _ = table.Find(new RequestFacts("GET", path, "", headers, caller));
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(started).Ticks);
        }

        return least;
    }

    private static HeaderMatch Header(string name, string value) => new() { Name = name, Value = value };

    private static QueryParamMatch Query(string name, string value) => new() { Name = name, Value = value };

    private static RouteTable Table(params RouteRule[] rules) =>
        new(rules.Select(rule => (new RuleModel(rule.Name, []), (RouteRule?)rule)));

    private static string? Find(
        RouteTable table, string method = "GET", string path = "/", string query = "", HeaderDictionary? headers = null) =>
        table.Find(new RequestFacts(method, path, query, headers ?? [], new CallerIdentity(null, "shop")))?.Rule.Name;
}
