using Mesh.Grains.Security.Tokens;

namespace Mesh.Grains.Tests.Security.Tokens;

public sealed class SeenCallsTests
{
    private readonly SeenCalls _seen = new();

    [Fact]
    public void Each_number_is_good_once_in_any_order()
    {
        int[] numbers = [5, 3, 4, 1, 2, 700, 69];

        Assert.All(numbers, number => Assert.True(_seen.TryAdd(number)));
        Assert.All(numbers, number => Assert.False(_seen.TryAdd(number)));
        Assert.True(_seen.TryAdd(6));
    }

    [Fact]
    public void What_is_older_than_the_window_is_not_good()
    {
        Assert.True(_seen.TryAdd(SeenCalls.Window + 10));

        Assert.False(_seen.TryAdd(10));
        Assert.True(_seen.TryAdd(11));
        Assert.False(_seen.TryAdd(0));
        Assert.False(_seen.TryAdd(-1));
    }

    [Fact]
    public void A_place_in_the_window_is_used_again()
    {
        Assert.True(_seen.TryAdd(7));
        Assert.True(_seen.TryAdd(7 + SeenCalls.Window));
        Assert.False(_seen.TryAdd(7 + SeenCalls.Window));
        Assert.True(_seen.TryAdd(7 + (5L * SeenCalls.Window)));
        Assert.True(_seen.TryAdd(6 + (5L * SeenCalls.Window)));
    }
}
