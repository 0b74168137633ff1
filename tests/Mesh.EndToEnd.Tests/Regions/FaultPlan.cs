namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>
/// An endless plan of faults that follows from a seed, in rounds: the faults of a round overlap, and all are mended before
/// the next. Every kind of fault has its turn before any comes a second time.
/// </summary>
internal sealed class FaultPlan(int seed, int regions, IReadOnlyList<RegionFault> faults)
{
    private const int MostAtOnce = 3;

    private readonly Random _random = new(seed);
    private readonly Queue<RegionFault> _kinds = new();

    public IReadOnlyList<PlannedFault> NextRound()
    {
        var round = new List<PlannedFault> { Next() };
        var size = _random.Next(1, MostAtOnce + 1);
        while (round.Count < size)
        {
            var another = Next();
            if (!round.TrueForAll(another.MayOverlap))
            {
                // It has its turn later.
                _kinds.Enqueue(another.Fault);
                break;
            }

            round.Add(another);
        }

        return round;
    }

    private PlannedFault Next()
    {
        if (_kinds.Count == 0)
        {
            var kinds = faults.ToArray();
            _random.Shuffle(kinds);
            Array.ForEach(kinds, _kinds.Enqueue);
        }

        var region = _random.Next(regions);
        return new PlannedFault(
            _kinds.Dequeue(),
            region,
            (region + _random.Next(1, regions)) % regions,
            _random.Next(1000),
            TimeSpan.FromMilliseconds(_random.Next(0, 800)),
            TimeSpan.FromMilliseconds(_random.Next(800, 4000)));
    }
}
