using System.Numerics;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// A ring on which every member has many points; a hash belongs to the next point (Karger et al., 1997). When a
/// member leaves, only what belonged to it moves.
/// </summary>
/// <remarks>
/// A member's points are the first ones of a row of its own, as many as its weight is worth. That worth depends on the
/// other members in powers of two only, because every change of it moves keys: on the mean weight, and on how many
/// members there are (up to 128, up to 1024, more).
/// </remarks>
internal sealed class HashRing : HashTable
{
    /// <summary>Each its place in the upper half, its member in the lower; ascending.</summary>
    private readonly ulong[] _points;

    public HashRing(ulong[] keys, int[] weights)
        : base(keys, weights)
    {
        var mean = 0L;
        foreach (var weight in weights)
        {
            mean += weight;
        }

        mean = Math.Max(1, mean / Math.Max(1, weights.Length));
        var unit = 1L << BitOperations.Log2((ulong)mean);
        var counts = new int[keys.Length];
        var total = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            counts[i] = (int)Math.Max(1, (long)weights[i] * PointsPerUnit(keys.Length) / unit);
            total += counts[i];
        }

        _points = new ulong[total];
        var next = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            for (var point = 0; point < counts[i]; point++)
            {
                _points[next++] = (HashMixer.At(keys[i], point) & 0xFFFF_FFFF_0000_0000) | (uint)i;
            }
        }

        Array.Sort(_points);
    }

    public override int At(ulong hash)
    {
        var index = Array.BinarySearch(_points, hash & 0xFFFF_FFFF_0000_0000);
        index = index >= 0 ? index : ~index;
        return (int)(uint)_points[index < _points.Length ? index : 0];
    }

    /// <summary>The more, the more even; the fewer, the sooner it is made and the smaller it is.</summary>
    private static int PointsPerUnit(int members) => members switch
    {
        <= 128 => 1024,
        <= 1024 => 256,
        _ => 64,
    };
}
