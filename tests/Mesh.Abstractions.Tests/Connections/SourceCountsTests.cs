using Mesh.Abstractions.Connections;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Abstractions.Tests.Connections;

public sealed class SourceCountsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_source_has_a_period_of_its_own_that_begins_with_its_first()
    {
        var counts = new SourceCounts<string>(10, TimeSpan.FromMinutes(1), _time);
        Assert.Equal((1, TimeSpan.Zero), counts.Count("a"));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal((2, TimeSpan.FromSeconds(40)), counts.Count("a"));
        Assert.Equal((1, TimeSpan.Zero), counts.Count("b"));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((1, TimeSpan.Zero), counts.Count("a"));
        Assert.Equal((2, TimeSpan.FromSeconds(20)), counts.Count("b"));
    }

    [Fact]
    public void Beyond_its_bound_there_is_no_room_until_periods_have_ended()
    {
        var counts = new SourceCounts<int>(100, TimeSpan.FromMinutes(1), _time);
        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull(counts.Count(i));
        }

        Assert.Null(counts.Count(100));
        Assert.Equal(2, counts.Count(5)!.Value.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, counts.Count(100)!.Value.Count);
        Assert.Equal(1, counts.Count(5)!.Value.Count);
    }

    [Fact]
    public void Room_is_looked_for_once_a_second_at_most()
    {
        var counts = new SourceCounts<int>(1, TimeSpan.FromMilliseconds(100), _time);
        counts.Count(1);
        Assert.Null(counts.Count(2));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Null(counts.Count(2));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.NotNull(counts.Count(2));
    }
}
