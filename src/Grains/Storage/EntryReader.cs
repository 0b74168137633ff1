using Mesh.Abstractions.Connections;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Grains.Storage;

/// <summary>
/// Reads entries that stand each for themselves: one that is damaged, or that only a newer silo understands, must not hide all
/// others. It is left out and logged, once in ten minutes for each key, however often it is read.
/// </summary>
internal sealed partial class EntryReader(TimeProvider time, ILogger<EntryReader> logger)
{
    private readonly SourceCounts<RedisKey> _logged = new(most: 100, TimeSpan.FromMinutes(10), time);

    /// <param name="decode">Throws <see cref="InvalidDataException"/> for what it cannot read.</param>
    public IReadOnlyList<T> Read<TEntry, T>(RedisKey key, IEnumerable<TEntry> entries, Func<TEntry, T> decode)
    {
        var read = new List<T>();
        foreach (var entry in entries)
        {
            try
            {
                read.Add(decode(entry));
            }
            catch (InvalidDataException exception)
            {
                if (_logged.Count(key) is { Count: 1 })
                {
                    LogLeftOut(key, exception.Message);
                }
            }
        }

        return read;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "An entry of {Key} in the store cannot be read and is left out, and so are others like it: {Reason}. If no silo is newer than this one, remove that entry, and not the whole key")]
    private partial void LogLeftOut(RedisKey key, string reason);
}
