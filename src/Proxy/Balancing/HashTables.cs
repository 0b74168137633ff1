using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// The hash tables of a service's endpoints at one revision. Each is made at the first request that needs it, or taken
/// over from the revision before when its members are the same.
/// </summary>
internal sealed class HashTables
{
    private readonly Lock _building = new();
    private readonly LoadBalancerType _type;
    private readonly HashTable[] _earlier;
    private readonly List<HashTable> _tables = [];

    public HashTables(LoadBalancerType type, HashTables? previous)
    {
        _type = type;
        _earlier = previous?._type == type ? previous.Held() : [];
    }

    /// <summary>Waits for a thread that makes one at the moment: many would only make the same.</summary>
    public HashTable Get(ulong[] keys, int[] weights)
    {
        lock (_building)
        {
            foreach (var table in _tables)
            {
                if (table.IsOf(keys, weights))
                {
                    return table;
                }
            }

            var found = Array.Find(_earlier, table => table.IsOf(keys, weights)) ?? HashTable.Create(_type, keys, weights);
            _tables.Add(found);
            return found;
        }
    }

    /// <summary>A revision without requests passes on what it was given.</summary>
    private HashTable[] Held()
    {
        lock (_building)
        {
            return _tables.Count > 0 ? [.. _tables] : _earlier;
        }
    }
}
