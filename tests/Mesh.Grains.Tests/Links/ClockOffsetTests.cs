using Mesh.Grains.Links;

namespace Mesh.Grains.Tests.Links;

public sealed class ClockOffsetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-7200)]
    public void Readings_between_two_times_get_close_to_the_truth(double offset)
    {
        var random = new Random(7);
        var clock = new ClockOffset();
        var now = Start;
        for (var i = 0; i < 100; i++)
        {
            var next = now.AddSeconds(1 + random.NextDouble());
            var read = now + ((next - now) * random.NextDouble());
            clock.Add(read.AddSeconds(offset), now, next);
            now = next;
        }

        Assert.InRange(clock.Value!.Value.TotalSeconds, offset - 0.1, offset + 0.1);
    }

    [Fact]
    public void A_clock_that_was_set_is_followed_at_once()
    {
        var clock = new ClockOffset();
        clock.Add(Start.AddSeconds(1), Start, Start.AddSeconds(2));

        clock.Add(Start.AddSeconds(3603), Start.AddSeconds(2), Start.AddSeconds(4));

        Assert.Equal(3600, clock.Value!.Value.TotalSeconds);
    }

    [Fact]
    public void A_jump_back_of_our_own_clock_between_two_looks_says_nothing()
    {
        var clock = new ClockOffset();
        clock.Add(Start, Start.AddSeconds(1), Start.AddSeconds(-1));

        Assert.Null(clock.Value);
    }
}
