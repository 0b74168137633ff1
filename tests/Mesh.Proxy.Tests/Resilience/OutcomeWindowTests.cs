using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class OutcomeWindowTests
{
    private const long Second = 1_000;

    private readonly OutcomeWindow _window = new(
        new SuccessRateDetection { Percent = 50, Window = TimeSpan.FromSeconds(10), MinRequests = 4 }, frequency: Second);

    [Fact]
    public void Sums_up_the_window_and_forgets_what_is_older()
    {
        _window.Count(isFailure: true, 0);
        _window.Count(isFailure: false, 5 * Second);
        Assert.Equal((2, 1), _window.Sum(9 * Second));
        Assert.Equal((1, 0), _window.Sum(10 * Second));
        Assert.Equal((0, 0), _window.Sum(15 * Second));

        // The first slice's place is used again.
        _window.Count(isFailure: false, 10 * Second);
        Assert.Equal((2, 0), _window.Sum(10 * Second));
    }

    [Theory]
    [InlineData(2, 2, false)]
    [InlineData(1, 3, true)]
    [InlineData(0, 3, false)]
    [InlineData(0, 4, true)]
    public void Is_bad_below_the_rate_when_there_is_enough(int successes, int failures, bool expected)
    {
        for (var i = 0; i < successes + failures; i++)
        {
            _window.Count(i < failures, i);
        }

        Assert.Equal(expected, _window.IsBad(20));
    }

    [Fact]
    public void Keeps_the_rate_when_a_slice_is_full()
    {
        for (var i = 0; i < 5_000_000; i++)
        {
            _window.Count(i % 4 == 0, 0);
        }

        var (tries, failures) = _window.Sum(0);
        Assert.InRange(tries, 1_000_000, 4_200_000);
        Assert.Equal(0.25, (double)failures / tries, 3);
    }

    [Fact]
    public void Loses_nothing_to_threads_that_count_at_once()
    {
        Parallel.For(0, 20_000, i => _window.Count(i % 2 == 0, i % (3 * Second)));

        Assert.Equal((20_000, 10_000), _window.Sum(3 * Second));
    }

    [Fact]
    public void Can_be_cleared()
    {
        _window.Count(isFailure: true, 0);

        _window.Clear();

        Assert.Equal((0, 0), _window.Sum(0));
    }
}
