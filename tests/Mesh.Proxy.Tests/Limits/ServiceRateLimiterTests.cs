using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Limits;

public sealed class ServiceRateLimiterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceRateLimiter _limiter;

    public ServiceRateLimiterTests() => _limiter = new(new("shop", "web"), new RateLimit { Requests = 100, Burst = 20 }, _time);

    [Fact]
    public void Before_the_first_answer_the_whole_limit_counts() => Assert.Equal(20, Drain());

    [Fact]
    public void A_part_counts_for_rate_and_burst()
    {
        Use(0.5);
        Assert.Equal(10, Drain());

        var allowed = 0;
        for (var i = 0; i < 2_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            allowed += Drain();
        }

        Assert.InRange(allowed, 98, 101);
    }

    [Fact]
    public void Nothing_is_nothing_until_there_is_something_again()
    {
        Use(0);
        Assert.Equal(0, Drain());

        Use(1);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.InRange(Drain(), 9, 11);
    }

    [Fact]
    public void The_last_part_stays_when_nobody_answers()
    {
        Use(0.5);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(10, Drain());
        Assert.Equal(0.5, _limiter.Part);
    }

    [Fact]
    public void Asks_once_per_period_and_only_while_there_are_requests()
    {
        Assert.True(_limiter.TryBeginAsking(Now));
        Assert.False(_limiter.TryBeginAsking(Now));
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(_limiter.TryBeginAsking(Now));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_limiter.TryBeginAsking(Now));
    }

    [Fact]
    public void Asks_sooner_when_its_part_does_not_do_although_it_got_what_it_asked_for()
    {
        _limiter.TryBeginAsking(Now);
        Use(0.5);
        Drain();
        Assert.False(_limiter.TryBeginAsking(Now));
        _time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.True(_limiter.TryBeginAsking(Now));
    }

    [Fact]
    public void Says_what_it_wants_and_what_it_has()
    {
        Use(0.25);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 50; i++)
        {
            _limiter.TryTake(Now, out _);
        }

        var demand = _limiter.TakeDemand(Now);

        Assert.Equal(0.5, demand.Wanted, 2);
        Assert.Equal(0.25, demand.Held);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new RateDemand(), _limiter.TakeDemand(Now));
    }

    [Fact]
    public void An_answer_that_was_overtaken_is_dropped()
    {
        var early = Now;
        _time.Advance(TimeSpan.FromSeconds(1));
        Use(0.5);
        _limiter.Use(Share(1), default, early);

        Assert.Equal(0.5, _limiter.Part);
    }

    private long Now => _time.GetTimestamp();

    private static RateShare Share(double part) => new() { Part = part, ValidFor = TimeSpan.FromSeconds(1) };

    private void Use(double part)
    {
        var now = Now;
        var demand = _limiter.TakeDemand(now);
        _limiter.Use(Share(part), demand, now);
    }

    private int Drain()
    {
        var count = 0;
        while (_limiter.TryTake(Now, out _))
        {
            count++;
        }

        return count;
    }
}
