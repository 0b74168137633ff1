using Mesh.Abstractions.RateLimits;
using Mesh.Grains.RateLimits;

namespace Mesh.Grains.Tests.RateLimits;

public sealed class RateShareReducerTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>What is divided.</summary>
    private const double All = 63.0 / 64;

    private readonly Dictionary<string, (double Part, DateTimeOffset Until)> _held = [];
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private RateShareState _state = RateShareState.Empty(DateTimeOffset.UnixEpoch);

    [Fact]
    public void One_proxy_gets_what_it_wants_with_room_to_grow()
    {
        Assert.Equal(0.4, Lease("a", 0.2), 6);
        Assert.Equal(All, Lease("a", 3), 6);
    }

    [Fact]
    public void One_that_has_used_nothing_yet_gets_a_little() => Assert.Equal(1.0 / 16, Lease("a", 0), 6);

    [Fact]
    public void Two_that_want_all_get_half_each_once_the_first_has_renewed()
    {
        Assert.Equal(All, Lease("a", 5));
        Assert.InRange(Lease("b", 5), 0, 1 - All);
        Assert.Equal(All / 2, Lease("a", 5));
        Assert.Equal(All / 2, Lease("b", 5));
    }

    [Fact]
    public void Those_who_come_while_all_is_taken_get_something_at_once()
    {
        Lease("a", 5);

        for (var i = 0; i < 20; i++)
        {
            Assert.True(Lease($"late-{i}", 0.01) > 0, $"late-{i} gets nothing");
        }
    }

    [Fact]
    public void Many_with_few_requests_leave_nearly_all_to_a_busy_one()
    {
        (string Proxy, double Wanted)[] light = [.. Enumerable.Range(0, 16).Select(static i => ($"light-{i}", 0.0001))];

        Settle([.. light, ("busy", 5)]);

        Assert.InRange(_held["busy"].Part, 0.9, All);
    }

    [Fact]
    public void Who_wants_less_leaves_the_rest_to_the_others()
    {
        Settle(("a", 5), ("b", 5), ("c", 0.1));

        Assert.Equal((All - 0.2) / 2, _held["a"].Part, 6);
        Assert.Equal((All - 0.2) / 2, _held["b"].Part, 6);
        Assert.Equal(0.2, _held["c"].Part, 6);
    }

    [Fact]
    public void Who_does_not_come_back_loses_its_part()
    {
        Lease("a", 5);
        _now += RateShareReducer.Validity - TimeSpan.FromTicks(1);
        Assert.InRange(Lease("b", 5), 0, 1 - All);
        _now += TimeSpan.FromTicks(1);

        Assert.Equal(All, Lease("b", 5));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public void Nonsense_gets_nobody_more(double wanted) => Assert.InRange(Lease("a", wanted), 0, 1);

    [Fact]
    public void After_a_restart_those_that_have_a_part_keep_to_it_at_first()
    {
        Assert.Equal(0.3, Lease("a", 5, held: 0.3), 6);
        Assert.Equal(0.4, Lease("b", 5, held: 0.4), 6);
        _now += RateShareReducer.Validity;
        Settle(("a", 5), ("b", 5));

        Assert.Equal(All / 2, _held["a"].Part, 6);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void Parts_that_are_valid_at_the_same_time_never_exceed_the_whole(int proxies)
    {
        var random = new Random(proxies);
        for (var i = 0; i < 5_000; i++)
        {
            Lease($"p{random.Next(proxies)}", random.NextDouble() * random.Next(1, 4), _held.GetValueOrDefault("p0").Part);
            _now += TimeSpan.FromMilliseconds(random.Next(40));
            var sum = _held.Values.Where(one => one.Until > _now).Sum(one => one.Part);
            Assert.True(sum <= 1 + 1e-9, $"{sum} after {i} leases");
        }
    }

    [Fact]
    public void Under_steady_demand_all_but_the_reserve_is_used()
    {
        Settle(("a", 0.9), ("b", 0.6), ("c", 0.3));

        Assert.Equal(All, _held.Values.Sum(static one => one.Part), 6);
    }

    private void Settle(params (string Proxy, double Wanted)[] demands)
    {
        for (var i = 0; i < 8; i++)
        {
            foreach (var (proxy, wanted) in demands)
            {
                Lease(proxy, wanted);
            }

            _now += Period;
        }
    }

    private double Lease(string proxy, double wanted, double held = 0)
    {
        (_state, var share) = RateShareReducer.Lease(_state, proxy, new RateDemand { Wanted = wanted, Held = held }, _now);
        _held[proxy] = (share.Part, _now + share.ValidFor);
        return share.Part;
    }
}
