using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class LocalityTests
{
    private static readonly ProxyPlace Place = new("eu", "a");

    private readonly FakeTimeProvider _time = new();

    private static TrafficPolicy Ejecting(LocalityPolicy? locality = null) => new()
    {
        OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100 },
        Locality = locality,
    };

    [Fact]
    public void Prefers_the_own_zone_then_the_own_region()
    {
        Assert.Equal(["zone"], Picked(Pool(new TrafficPolicy(), In("zone", "eu", "a"), In("region", "eu", "b"), In("far", "us", "a"))));
        Assert.Equal(["nowhere", "region"], Picked(Pool(new TrafficPolicy(), In("region", "eu", "b"), In("nowhere", "eu", null), In("far", "us", "a"))));
        Assert.Equal(["far"], Picked(Pool(new TrafficPolicy(), In("far", "us", "a"))));
    }

    [Fact]
    public void Without_zones_the_whole_region_is_near()
    {
        var pool = TestPool.Of(
            new TrafficPolicy(), [In("one", "local", "a"), In("two", "local", null), In("far", "us", null)], _time, place: new ProxyPlace());

        Assert.Equal(["one", "two"], Picked(pool));
    }

    [Fact]
    public void Treats_all_alike_when_it_is_off()
    {
        var traffic = new TrafficPolicy { Locality = new LocalityPolicy { Enabled = false } };

        Assert.Equal(["far", "zone"], Picked(Pool(traffic, In("zone", "eu", "a"), In("far", "us", "a"))));
    }

    [Theory]
    [InlineData(10, 0, 1.0)]
    [InlineData(10, 2, 1.0)]
    [InlineData(10, 3, 0.98)]
    [InlineData(10, 5, 0.7)]
    [InlineData(10, 9, 0.14)]
    [InlineData(10, 10, 0.0)]
    public void Spills_over_as_the_zone_loses_endpoints(int endpoints, int ejected, double expected)
    {
        var pool = Pool(
            Ejecting(),
            [.. Enumerable.Range(0, endpoints).Select(static i => In($"zone{i}", "eu", "a")), .. Enumerable.Range(0, 20).Select(static i => In($"region{i}", "eu", "b"))]);
        Eject(pool, ejected);

        var counts = TestPool.Count(pool, _time, 20_000);

        Assert.Equal(expected, counts.Where(static count => count.Key.StartsWith("zone", StringComparison.Ordinal)).Sum(static count => count.Value) / 20_000.0, 0.02);
    }

    [Fact]
    public void Endpoints_that_are_not_ready_are_missing_in_their_zone()
    {
        var pool = Pool(
            new TrafficPolicy(),
            In("zone", "eu", "a"), In("ill", "eu", "a") with { State = EndpointState.NotReady }, In("leaving", "eu", "a") with { State = EndpointState.Draining },
            In("region", "eu", "b"));

        Assert.Equal(0.7, TestPool.Count(pool, _time, 20_000)["zone"] / 20_000.0, 0.02);
    }

    [Fact]
    public void Panics_over_all_levels_when_too_few_are_healthy()
    {
        var pool = Pool(Ejecting(), In("zone0", "eu", "a"), In("zone1", "eu", "a"), In("zone2", "eu", "a"), In("region", "eu", "b"));
        Eject(pool, 2);
        Assert.Equal(["region", "zone2"], Picked(pool));

        Eject(pool, 3);

        Assert.Equal(["region", "zone0", "zone1", "zone2"], Picked(pool));
    }

    [Fact]
    public void A_panic_is_said_once_a_minute()
    {
        var log = new LogLines();
        var traffic = Ejecting() with { OutlierDetection = new OutlierDetection { ConsecutiveFailures = 1, MaxEjectedPercent = 100, MinEjection = TimeSpan.FromMinutes(9), MaxEjection = TimeSpan.FromMinutes(9) } };
        var pool = Pool(log, null);
        Eject(pool, 2);
        Picked(pool);
        Assert.Empty(log.Lines);
        Eject(pool, 3);
        Picked(pool);
        Assert.Equal("shop/web: only 1 of 4 endpoints are healthy, fewer than 50 %: all selectable ones get requests (locality.panicThresholdPercent)", Assert.Single(log.Lines));

        pool = Pool(log, pool);
        Picked(pool);
        Assert.Single(log.Lines);
        _time.Advance(TimeSpan.FromMinutes(1));
        Picked(Pool(log, pool));
        Assert.Equal(2, log.Lines.Count);

        EndpointPool Pool(LogLines to, EndpointPool? previous) => new(
            new Mesh.Abstractions.Services.ServiceSpec { Traffic = traffic },
            [.. Enumerable.Range(0, 4).Select(static i => In($"zone{i}", "eu", "a"))],
            previous,
            _time,
            new Random(7),
            Place,
            "shop/web",
            to);
    }

    [Fact]
    public void A_threshold_of_zero_never_panics()
    {
        var pool = Pool(Ejecting(new LocalityPolicy { PanicThresholdPercent = 0 }), In("only", "eu", "a"));
        Eject(pool, 1);

        Assert.Null(pool.Pick(new PickContext(_time.GetTimestamp()), out _));
    }

    [Fact]
    public void Retries_go_outwards_when_a_level_is_exhausted()
    {
        var pool = Pool(new TrafficPolicy(), In("far", "us", "a"), In("region", "eu", "b"), In("zone0", "eu", "a"), In("zone1", "eu", "a"));
        var tried = new List<EndpointStats>();
        var order = new List<string>();
        while (pool.PickUntried(new PickContext(_time.GetTimestamp()), tried) is { } endpoint)
        {
            tried.Add(endpoint.Stats);
            order.Add(endpoint.Endpoint.Id);
        }

        Assert.Equal(["zone0", "zone1"], order.Take(2).Order());
        Assert.Equal(["region", "far"], order.Skip(2));
        Assert.NotNull(pool.PickAgain(new PickContext(_time.GetTimestamp()), tried));
    }

    private sealed class LogLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }

    private static Endpoint In(string id, string region, string? zone) => At(1_000, id) with { Region = region, Zone = zone };

    private static void Eject(EndpointPool pool, int count)
    {
        foreach (var endpoint in pool.All.Take(count))
        {
            pool.Outliers!.Report(endpoint, TryVerdict.Failure, isProbe: false);
        }
    }

    private EndpointPool Pool(TrafficPolicy traffic, params Endpoint[] endpoints) => TestPool.Of(traffic, endpoints, _time, place: Place);

    private List<string> Picked(EndpointPool pool) =>
        [.. TestPool.Count(pool, _time, 300).Where(static count => count.Value > 0).Select(static count => count.Key).Order()];
}
