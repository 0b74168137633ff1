namespace Mesh.Grains.Regions;

/// <summary>
/// Turns the order of a list into one position per item, so that regions can merge orders item by item: of what was
/// moved by one administrator and added by another, both hold.
/// </summary>
internal static class ListPositions
{
    /// <summary>The position of every item of a list, moving as few of those that have one as the new order allows.</summary>
    public static Dictionary<string, string> Arrange(IReadOnlyList<string> names, Func<string, string?> positionOf)
    {
        var positions = Place(names, positionOf);
        return positions.Values.Any(static position => position.Length > PositionKey.MaxLength)
            ? Place(names, static _ => null)
            : positions;
    }

    /// <summary>How items are ordered: by position, and by name where two regions chose the same.</summary>
    public static int Compare((string? Position, string Name) left, (string? Position, string Name) right)
    {
        if (left.Position is null != right.Position is null)
        {
            return left.Position is null ? 1 : -1;
        }

        var byPosition = string.CompareOrdinal(left.Position, right.Position);
        return byPosition != 0 ? byPosition : string.CompareOrdinal(left.Name, right.Name);
    }

    private static Dictionary<string, string> Place(IReadOnlyList<string> names, Func<string, string?> positionOf)
    {
        var old = names.Select(name => (Position: Usable(positionOf(name)), Name: name)).ToList();
        var stays = LongestOrdered(old);
        var positions = new Dictionary<string, string>(StringComparer.Ordinal);
        string? low = null;
        for (var i = 0; i < old.Count; i++)
        {
            if (stays[i])
            {
                positions[old[i].Name] = low = old[i].Position!;
                continue;
            }

            var next = stays.IndexOf(true, i);

            // Two that were given the same position stay as they are until something is put between them.
            while (next >= 0 && string.CompareOrdinal(low, old[next].Position) >= 0)
            {
                stays[next] = false;
                next = stays.IndexOf(true, next);
            }

            positions[old[i].Name] = low = PositionKey.Between(low, next < 0 ? null : old[next].Position);
        }

        return positions;
    }

    private static string? Usable(string? position) => position is not null && PositionKey.IsValid(position) ? position : null;

    /// <summary>Which items form the longest run that is in order already (patience sorting).</summary>
    private static List<bool> LongestOrdered(List<(string? Position, string Name)> items)
    {
        var tails = new List<int>();
        var previous = new int[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Position is null)
            {
                continue;
            }

            var (from, to) = (0, tails.Count);
            while (from < to)
            {
                var middle = (from + to) / 2;
                (from, to) = Compare(items[tails[middle]], items[i]) < 0 ? (middle + 1, to) : (from, middle);
            }

            previous[i] = from == 0 ? -1 : tails[from - 1];
            if (from == tails.Count)
            {
                tails.Add(i);
            }
            else
            {
                tails[from] = i;
            }
        }

        var isIn = Enumerable.Repeat(false, items.Count).ToList();
        for (var i = tails.Count == 0 ? -1 : tails[^1]; i >= 0; i = previous[i])
        {
            isIn[i] = true;
        }

        return isIn;
    }
}
