using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Audit;

namespace Mesh.Testing.Cluster;

/// <summary>An audit log in memory, with the promises of the real store and its fault.</summary>
public sealed class MemoryAuditStore : IAuditStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AuditList, SortedList<string, AuditEntry>> _lists = new()
    {
        [AuditList.Accepted] = new(StringComparer.Ordinal),
        [AuditList.Refused] = new(StringComparer.Ordinal),
    };

    /// <summary>Every call fails, as with a server that is gone.</summary>
    public bool IsDown { get; set; }

    /// <summary>The next addition is done, and then fails: its caller cannot know.</summary>
    public bool LosesNextAnswer { get; set; }

    public Task Add(AuditList list, IReadOnlyList<AuditEntry> entries, int keep) => Do(() =>
    {
        foreach (var entry in entries)
        {
            _lists[list][entry.Id] = entry;
        }

        while (_lists[list].Count > keep)
        {
            _lists[list].RemoveAt(0);
        }

        if (LosesNextAnswer)
        {
            LosesNextAnswer = false;
            throw new StoreUnavailableException("the answer got lost");
        }

        return true;
    });

    public Task<IReadOnlyList<AuditEntry>> Read(AuditList list, string? before, int count) => Do<IReadOnlyList<AuditEntry>>(() =>
        [.. _lists[list].Values.Reverse().Where(entry => before is null || string.CompareOrdinal(entry.Id, before) < 0).Take(count)]);

    private async Task<T> Do<T>(Func<T> action)
    {
        await Task.Yield();
        lock (_lock)
        {
            return IsDown ? throw new StoreUnavailableException("the store is down") : action();
        }
    }
}
