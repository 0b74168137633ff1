using Mesh.Proxy.Balancing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class EndpointStatsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EndpointStats _stats;

    public EndpointStatsTests() => _stats = new EndpointStats(_time);

    private long Now => _time.GetTimestamp();

    [Fact]
    public void A_failure_counts_as_ten_times_what_it_took_before_up_to_a_second()
    {
        _stats.Failed(Now);
        Assert.Equal(300, _stats.LatencyMilliseconds(Now), 1);
        _stats.Failed(Now);
        Assert.Equal(1_000, _stats.LatencyMilliseconds(Now), 1);
        _stats.Failed(Now);
        Assert.Equal(1_000, _stats.LatencyMilliseconds(Now), 1);
    }

    [Fact]
    public void A_failure_counts_as_no_less_than_it_took()
    {
        var started = Now;
        _time.Advance(TimeSpan.FromSeconds(5));
        _stats.Failed(started);

        Assert.Equal(5_000, _stats.LatencyMilliseconds(Now), 1);
        _stats.Failed(Now);
        Assert.Equal(5_000, _stats.LatencyMilliseconds(Now), 1);
    }

    [Fact]
    public void What_fails_together_counts_once()
    {
        var started = Now;
        _time.Advance(TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 50; i++)
        {
            _stats.Failed(started);
        }

        Assert.Equal(300, _stats.LatencyMilliseconds(Now), 0);
        Assert.Equal(50, _stats.Failures);
    }

    [Fact]
    public void A_rest_does_not_make_failures_look_quick()
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.InRange(_stats.LatencyMilliseconds(Now), 0, 0.001);

        _stats.Failed(Now);

        Assert.Equal(300, _stats.LatencyMilliseconds(Now), 1);
    }

    [Fact]
    public void One_that_is_well_again_is_as_fast_as_it_is_now()
    {
        _stats.Failed(Now);
        _stats.Failed(Now);
        var started = Now;
        _time.Advance(TimeSpan.FromMilliseconds(7));

        _stats.Recovered(started);

        Assert.Equal(7, _stats.LatencyMilliseconds(Now), 2);
    }

    [Fact]
    public void Begins_no_more_than_the_limit()
    {
        Assert.True(_stats.TryBegin(2));
        Assert.True(_stats.TryBegin(2));
        Assert.False(_stats.TryBegin(2));
        Assert.Equal((2, 2), (_stats.InFlight, _stats.Requests));
        Assert.True(_stats.TryBegin(null));
        Assert.Equal((3, 3), (_stats.InFlight, _stats.Requests));
    }

    [Fact]
    public async Task Requests_that_are_refused_take_no_place_of_others()
    {
        // One place, and one request at a time that takes it, among many that are refused whatever happens.
        using var stop = new CancellationTokenSource();
        var refused = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.False(_stats.TryBegin(0));
            }
        })));
        for (var i = 0; i < 200_000; i++)
        {
            Assert.True(_stats.TryBegin(1), $"refused at {i}");
            _stats.End();
        }

        await stop.CancelAsync();
        await refused;
    }
}
