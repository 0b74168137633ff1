using System.Runtime.InteropServices;

namespace Mesh.Abstractions.Connections;

/// <summary>
/// Counts what comes from each source, within a period that begins with the first. What anybody can cause from any number of
/// sources costs bounded memory and time: beyond <paramref name="most"/> sources there is no room until periods have ended, and
/// that is looked for once a second at most.
/// </summary>
public sealed class SourceCounts<TSource>(int most, TimeSpan period, TimeProvider time)
    where TSource : notnull
{
    private static readonly TimeSpan SearchGap = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<TSource, (long Since, int Count)> _counts = [];
    private long? _searchedAt;

    /// <returns>How many there are in the source's period, with this one, and how long ago it began; null when there is no room for the source.</returns>
    public (int Count, TimeSpan Age)? Count(TSource source)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_counts.Count >= most && !_counts.ContainsKey(source) && !MakeRoom(now))
            {
                return null;
            }

            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, source, out var exists);
            if (!exists || time.GetElapsedTime(known.Since, now) >= period)
            {
                known = (now, 0);
            }

            known.Count = known.Count == int.MaxValue ? known.Count : known.Count + 1;
            return (known.Count, time.GetElapsedTime(known.Since, now));
        }
    }

    private bool MakeRoom(long now)
    {
        if (_searchedAt is { } before && time.GetElapsedTime(before, now) < SearchGap)
        {
            return false;
        }

        _searchedAt = now;
        foreach (var (source, (since, _)) in _counts)
        {
            if (time.GetElapsedTime(since, now) >= period)
            {
                // Removing does not disturb the enumeration of a dictionary.
                _counts.Remove(source);
            }
        }

        return _counts.Count < most;
    }
}
