using Mesh.Proxy.Deadlines;

namespace Mesh.Proxy.Tests.Deadlines;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("3S", 3_000)]
    [InlineData("250m", 250)]
    [InlineData("1500u", 1.5)]
    [InlineData("00000001S", 1_000)]
    [InlineData("0m", 0)]
    public void Reads(string text, double milliseconds)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), timeout);
    }

    [Fact]
    public void Reads_nanoseconds_as_more_than_nothing()
    {
        Assert.True(GrpcTimeout.TryParse("1n", out var timeout));
        Assert.Equal(1, timeout.Ticks);
    }

    [Fact]
    public void Reads_the_longest_there_is()
    {
        Assert.True(GrpcTimeout.TryParse("99999999H", out var timeout));
        Assert.Equal(TimeSpan.FromHours(99_999_999), timeout);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData("5 S")]
    [InlineData(" 5S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("1S,2S")]
    public void Refuses(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData(1, "1u")]
    [InlineData(10_000, "1000u")]
    [InlineData(TimeSpan.TicksPerMinute, "60000000u")]
    [InlineData(TimeSpan.TicksPerHour, "3600000m")]
    [InlineData(50 * TimeSpan.TicksPerDay, "4320000S")]
    public void Writes_in_the_finest_unit_that_fits(long ticks, string text) => Assert.Equal(text, GrpcTimeout.Format(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void What_was_written_is_read_and_no_shorter()
    {
        for (var ticks = 1L; ticks < TimeSpan.TicksPerDay * 49; ticks = (ticks * 3) + 1)
        {
            Assert.True(GrpcTimeout.TryParse(GrpcTimeout.Format(TimeSpan.FromTicks(ticks)), out var read));
            Assert.InRange(read.Ticks, ticks, (long)(ticks * 1.01) + 10);
        }
    }
}
