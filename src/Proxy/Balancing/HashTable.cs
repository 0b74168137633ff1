using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// Places of consistent hashing: from a hash to one of a set of members. Follows from the members alone, so that all
/// proxies have the same. Immutable.
/// </summary>
internal abstract class HashTable
{
    private readonly ulong[] _keys;
    private readonly int[] _weights;

    /// <param name="keys">What identifies each member, ascending.</param>
    /// <param name="weights">Of each member, above 0.</param>
    protected HashTable(ulong[] keys, int[] weights)
    {
        _keys = keys;
        _weights = weights;
    }

    public static HashTable Create(LoadBalancerType type, ulong[] keys, int[] weights) =>
        type == LoadBalancerType.Maglev ? new MaglevTable(keys, weights) : new HashRing(keys, weights);

    /// <summary>The position of the member that a hash belongs to.</summary>
    public abstract int At(ulong hash);

    /// <summary>Whether it was made of these members.</summary>
    public bool IsOf(ulong[] keys, int[] weights) =>
        keys.AsSpan().SequenceEqual(_keys) && weights.AsSpan().SequenceEqual(_weights);
}
