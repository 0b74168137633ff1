namespace Mesh.Proxy.Balancing;

/// <summary>
/// A table whose entries the members take in turns, each in its own order of preference (Eisenbud et al., "Maglev",
/// NSDI 2016). It is more even than a ring and found in one step; when a member leaves, a few keys of others move too.
/// </summary>
internal sealed class MaglevTable : HashTable
{
    /// <summary>Up to how many members <see cref="SmallSize"/> leaves each more than a hundred entries.</summary>
    private const int SmallMembers = 512;

    /// <summary>Prime, as the size must be.</summary>
    private const int SmallSize = 65_537;

    private const int LargeSize = 524_287;

    private readonly int[] _entries;

    public MaglevTable(ulong[] keys, int[] weights)
        : base(keys, weights)
    {
        var size = keys.Length <= SmallMembers ? SmallSize : LargeSize;
        _entries = new int[size];
        Fill(keys, weights);
    }

    public override int At(ulong hash) => _entries[hash % (uint)_entries.Length];

    /// <summary>
    /// In every round the heaviest member takes one entry, one with half its weight takes one in every second round, and
    /// so on. Who is due in a round is kept in lists, so that light members cost nothing in between.
    /// </summary>
    private void Fill(ulong[] keys, int[] weights)
    {
        var size = (uint)_entries.Length;
        var (places, steps, taken) = (new uint[keys.Length], new uint[keys.Length], new int[keys.Length]);
        var dueFirst = new int[size + 1];
        var dueNext = new int[keys.Length];
        Array.Fill(_entries, -1);
        Array.Fill(dueFirst, -1);
        var heaviest = 1;
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            places[i] = (uint)(HashMixer.At(keys[i], 0) % size);
            steps[i] = (uint)(HashMixer.At(keys[i], 1) % (size - 1)) + 1;
            heaviest = Math.Max(heaviest, weights[i]);
            dueNext[i] = dueFirst[0];
            dueFirst[0] = i;
        }

        var filled = 0;
        for (var round = 0; filled < size; round++)
        {
            for (var i = dueFirst[round]; i >= 0 && filled < size;)
            {
                while (_entries[places[i]] >= 0)
                {
                    places[i] = (places[i] + steps[i]) % size;
                }

                _entries[places[i]] = i;
                filled++;
                taken[i]++;
                var following = dueNext[i];
                var due = ((long)taken[i] * heaviest / weights[i]) + ((long)taken[i] * heaviest % weights[i] == 0 ? 0 : 1);
                if (due < dueFirst.Length)
                {
                    dueNext[i] = dueFirst[due];
                    dueFirst[due] = i;
                }

                i = following;
            }
        }
    }
}
