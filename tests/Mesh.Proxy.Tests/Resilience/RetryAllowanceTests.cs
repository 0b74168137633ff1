using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class RetryAllowanceTests
{
    private readonly FakeTimeProvider _time = new();

    private long Now => _time.GetTimestamp();

    [Fact]
    public void Allows_a_share_of_the_requests()
    {
        var allowance = Allowance(percent: 20, minPerSecond: 0);
        for (var i = 0; i < 100; i++)
        {
            allowance.Deposit(Now);
        }

        Assert.Equal(20, Drain(allowance));
    }

    [Fact]
    public void Allows_so_many_per_second_whatever_the_requests() =>
        Assert.Equal(100, Drain(Allowance(percent: 0, minPerSecond: 10)));

    [Fact]
    public void Allows_nothing_when_it_is_all_zero() => Assert.Equal(0, Drain(Allowance(percent: 0, minPerSecond: 0)));

    [Fact]
    public void May_allow_several_retries_for_a_request()
    {
        var allowance = Allowance(percent: 1000, minPerSecond: 0);
        allowance.Deposit(Now);

        Assert.Equal(10, Drain(allowance));
    }

    [Fact]
    public void Forgets_requests_and_retries_after_the_window()
    {
        var allowance = Allowance(percent: 100, minPerSecond: 1);
        allowance.Deposit(Now);
        Assert.Equal(11, Drain(allowance));

        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(0, Drain(allowance));

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(10, Drain(allowance));
    }

    [Fact]
    public void Is_as_full_as_at_first_after_a_long_rest()
    {
        var allowance = Allowance(percent: 100, minPerSecond: 1);
        Drain(allowance);
        allowance.Deposit(Now);

        _time.Advance(TimeSpan.FromDays(300));

        Assert.Equal(10, Drain(allowance));
    }

    [Fact]
    public void A_clock_reading_that_comes_late_wipes_out_nothing()
    {
        var allowance = Allowance(percent: 100, minPerSecond: 0);
        var early = Now;
        _time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 5; i++)
        {
            allowance.Deposit(Now);
        }

        allowance.Deposit(early);

        Assert.Equal(6, allowance.Left(Now));
    }

    [Fact]
    public async Task Many_threads_never_get_more_than_there_is()
    {
        var allowance = Allowance(percent: 0, minPerSecond: 100);
        var granted = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                if (allowance.TryWithdraw(Now))
                {
                    Interlocked.Increment(ref granted);
                }
            }
        })));

        // Threads that come at once may be refused what is left.
        Assert.True(granted + Drain(allowance) == 1_000, $"{granted} of 1000");
    }

    private RetryAllowance Allowance(int percent, int minPerSecond) =>
        new(new RetryBudget { Percent = percent, MinPerSecond = minPerSecond, Window = TimeSpan.FromSeconds(10) }, _time.TimestampFrequency);

    private int Drain(RetryAllowance allowance)
    {
        var count = 0;
        while (count < 100_000 && allowance.TryWithdraw(Now))
        {
            count++;
        }

        return count;
    }
}
