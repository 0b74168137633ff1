using System.Collections.Concurrent;

namespace Mesh.Proxy.Limits;

/// <summary>The rate of each caller, of no more than so many callers: those that have been idle go first, then those that asked longest ago.</summary>
internal sealed class CallerTable(int capacity)
{
    private readonly ConcurrentDictionary<ulong, Gcra> _callers = new();
    private int _count;
    private int _isSweeping;

    public int Count => Volatile.Read(ref _count);

    public Gcra Get(ulong caller, long now)
    {
        if (_callers.TryGetValue(caller, out var known))
        {
            return known;
        }

        var added = new Gcra();
        if (!_callers.TryAdd(caller, added))
        {
            return _callers.TryGetValue(caller, out known) ? known : added;
        }

        if (Interlocked.Increment(ref _count) > capacity && Interlocked.Exchange(ref _isSweeping, 1) == 0)
        {
            Sweep(now);
            Volatile.Write(ref _isSweeping, 0);
        }

        return added;
    }

    /// <summary>Makes room for a tenth of the capacity, so that the next sweep is that far away whatever callers do.</summary>
    private void Sweep(long now)
    {
        // Read once each: they change while this sorts.
        (long Scheduled, ulong Caller)[] entries = [.. _callers.Select(static entry => (entry.Value.Scheduled, entry.Key))];
        var surplus = entries.Length - (capacity - Math.Max(1, capacity / 10));
        Array.Sort(entries);
        for (var i = 0; i < entries.Length && (i < surplus || entries[i].Scheduled <= now); i++)
        {
            if (_callers.TryRemove(entries[i].Caller, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }
}
