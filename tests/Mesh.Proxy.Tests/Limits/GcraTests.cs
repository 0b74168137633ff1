using Mesh.Proxy.Limits;

namespace Mesh.Proxy.Tests.Limits;

public sealed class GcraTests
{
    private const long Second = 1_000_000;

    private readonly Gcra _meter = new();
    private long _now = 5 * Second;

    [Theory]
    [InlineData(10, 10, 10)]
    [InlineData(10, 1, 1)]
    [InlineData(3, 5, 5)]
    public void Lets_a_burst_through_at_once(int requests, int burst, int allowed) => Assert.Equal(allowed, Drain(Rate(requests, burst)));

    [Fact]
    public void Then_lets_through_one_after_the_other()
    {
        var rate = Rate(requests: 4, burst: 2);
        Drain(rate);

        Assert.False(_meter.TryTake(_now, rate, out var wait));
        Assert.Equal(Second / 4, wait);
        _now += wait - 1;
        Assert.False(_meter.TryTake(_now, rate, out _));
        _now += 1;
        Assert.Equal(1, Drain(rate));
    }

    [Fact]
    public void Is_full_again_after_a_rest_and_no_fuller()
    {
        var rate = Rate(requests: 4, burst: 8);
        Drain(rate);
        _now += 100 * Second;

        Assert.Equal(8, Drain(rate));
    }

    [Fact]
    public void Over_a_long_time_the_rate_is_exact()
    {
        var rate = Rate(requests: 30, burst: 5);
        var allowed = 0;
        for (var i = 0; i < 10_000; i++)
        {
            allowed += _meter.TryTake(_now, rate, out _) ? 1 : 0;
            _now += Second / 1_000;
        }

        Assert.InRange(allowed, 300, 305);
    }

    [Fact]
    public void Nothing_is_nothing_and_no_debt()
    {
        var none = GcraRate.Of(0, TimeSpan.FromSeconds(1), 0, Second);
        Assert.False(_meter.TryTake(_now, none, out var wait));
        Assert.Equal(Second, wait);

        Assert.Equal(10, Drain(Rate(10, 10)));
    }

    [Fact]
    public void Getting_more_and_less_in_turns_yields_no_more()
    {
        var whole = Rate(requests: 100, burst: 100);
        var part = Rate(requests: 10, burst: 10);
        var allowed = Drain(whole);
        for (var i = 0; i < 20; i++)
        {
            _meter.Change(_now, whole, part);
            allowed += Drain(part);
            _now += Second / 10;
            _meter.Change(_now, part, whole);
            allowed += Drain(whole);
        }

        // The burst, and two seconds at the small rate.
        Assert.InRange(allowed, 100, 125);
    }

    [Fact]
    public void A_larger_part_is_not_held_up_by_the_pace_of_a_small_one()
    {
        var small = Rate(requests: 0.01, burst: 1);
        var large = Rate(requests: 100, burst: 100);
        Drain(small);
        _meter.Change(_now, small, large);
        _now += Second / 10;

        Assert.InRange(Drain(large), 9, 11);
    }

    [Fact]
    public async Task Many_threads_never_get_more_than_there_is()
    {
        var rate = Rate(requests: 1, burst: 1_000);
        var allowed = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                if (_meter.TryTake(_now, rate, out var _))
                {
                    Interlocked.Increment(ref allowed);
                }
            }
        })));

        Assert.Equal(1_000, allowed);
    }

    private static GcraRate Rate(double requests, double burst) => GcraRate.Of(requests, TimeSpan.FromSeconds(1), burst, Second);

    private int Drain(GcraRate rate)
    {
        var count = 0;
        while (_meter.TryTake(_now, rate, out _))
        {
            count++;
        }

        return count;
    }
}
