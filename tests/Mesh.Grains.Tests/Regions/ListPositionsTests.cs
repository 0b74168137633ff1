using CsCheck;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Tests.Regions;

public class ListPositionsTests
{
    [Fact]
    public void An_item_added_or_moved_leaves_the_others_where_they_are()
    {
        var abc = Arrange(["a", "b", "c"], []);

        var added = Arrange(["a", "x", "b", "c", "y"], abc);
        var moved = Arrange(["c", "a", "b"], abc);

        Assert.Equal(abc, added.Where(pair => pair.Key is not ("x" or "y")).ToDictionary());
        Assert.Equal((abc["a"], abc["b"]), (moved["a"], moved["b"]));
        Assert.NotEqual(abc["c"], moved["c"]);
    }

    [Fact]
    public void Any_order_can_be_reached_from_any_other()
    {
        Gen.Shuffle(Enumerable.Range(0, 12).ToArray(), 0, 12).List[1, 20].Sample(
            orders =>
            {
                var positions = new Dictionary<string, string>();
                foreach (var order in orders)
                {
                    var names = order.Select(static number => $"n{number}").ToList();
                    positions = Arrange(names, positions);
                    if (!Sorted(positions).SequenceEqual(names) || positions.Values.Any(static key => !PositionKey.IsValid(key)))
                    {
                        return false;
                    }
                }

                return true;
            },
            iter: 300);
    }

    [Fact]
    public void Items_that_two_regions_put_in_the_same_place_can_be_parted()
    {
        var positions = new Dictionary<string, string> { ["a"] = "V00", ["b"] = "V00", ["c"] = "V01" };

        Assert.Equal(positions, Arrange(["a", "b", "c"], positions));
        var parted = Arrange(["a", "x", "b", "c"], positions);

        Assert.Equal(["a", "x", "b", "c"], Sorted(parted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keys_stay_short_however_often_the_same_place_is_used(bool isFirst)
    {
        var names = new List<string> { "first", "last" };
        var positions = Arrange(names, []);
        for (var i = 0; i < 1000; i++)
        {
            names.Insert(isFirst ? 1 : names.Count - 1, $"n{i}");
            positions = Arrange(names, positions);
        }

        Assert.Equal(names, Sorted(positions));
        Assert.True(positions.Values.Max(static key => key.Length) <= PositionKey.MaxLength);
    }

    [Fact]
    public void There_is_room_before_the_first_and_after_the_last_key()
    {
        var (low, high) = ("001", "zzz");
        for (var i = 0; i < 20; i++)
        {
            var (lower, higher) = (PositionKey.Between(null, low), PositionKey.Between(high, null));
            Assert.True(string.CompareOrdinal(lower, low) < 0 && string.CompareOrdinal(high, higher) < 0);
            Assert.True(PositionKey.IsValid(lower) && PositionKey.IsValid(higher));
            (low, high) = (lower, higher);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("000")]
    [InlineData("V0")]
    [InlineData("V00-")]
    [InlineData("V000")]
    public void Keys_of_strangers_are_checked(string key)
    {
        Assert.False(PositionKey.IsValid(key));
        Assert.Equal(["a", "b"], Sorted(Arrange(["a", "b"], new() { ["a"] = key, ["b"] = "V00" })));
    }

    private static Dictionary<string, string> Arrange(IReadOnlyList<string> names, Dictionary<string, string> positions) =>
        ListPositions.Arrange(names, positions.GetValueOrDefault);

    private static IEnumerable<string> Sorted(Dictionary<string, string> positions) => positions
        .Select(static pair => (Position: (string?)pair.Value, Name: pair.Key))
        .Order(Comparer<(string? Position, string Name)>.Create(ListPositions.Compare))
        .Select(static item => item.Name);
}
