using System.Collections.Concurrent;
using Mesh.Abstractions.Access;

namespace Mesh.Proxy.Access;

/// <summary>What was decided about who calls the application beside the proxy.</summary>
internal sealed class AccessStats
{
    /// <summary>Rules told apart; what others refuse is counted together.</summary>
    public const int MostRules = 1000;

    private const string Others = "(others)";

    private readonly ConcurrentDictionary<string, long[]> _denied = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long[]> _audited = new(StringComparer.Ordinal);
    private long _allowed;
    private long _ended;

    public long Allowed => Interlocked.Read(ref _allowed);

    /// <summary>Requests that were under way when they were no longer allowed.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>By rule; empty for the default, and for what is no rule, such as a token that is not valid.</summary>
    public IEnumerable<(string Rule, long Requests)> Denied => Rows(_denied);

    public IEnumerable<(string Rule, long Requests)> Audited => Rows(_audited);

    public void CountAllowed() => Interlocked.Increment(ref _allowed);

    public void CountEnded() => Interlocked.Increment(ref _ended);

    public void CountDenied(string? rule) => Count(_denied, rule);

    public void CountAudited(string? rule) => Count(_audited, rule);

    /// <summary>Drops the counts of rules that are no more, so that names of old rules do not pile up.</summary>
    public void Forget(IEnumerable<AccessRule> current)
    {
        var names = current.Select(static rule => rule.Name).Append("").Append(Others).ToHashSet(StringComparer.Ordinal);
        foreach (var counts in (ConcurrentDictionary<string, long[]>[])[_denied, _audited])
        {
            foreach (var gone in counts.Keys.Where(rule => !names.Contains(rule)))
            {
                counts.TryRemove(gone, out _);
            }
        }
    }

    private static void Count(ConcurrentDictionary<string, long[]> counts, string? rule)
    {
        rule ??= "";
        if (!counts.TryGetValue(rule, out var count))
        {
            count = counts.GetOrAdd(counts.Count < MostRules ? rule : Others, static _ => new long[1]);
        }

        Interlocked.Increment(ref count[0]);
    }

    private static IEnumerable<(string, long)> Rows(ConcurrentDictionary<string, long[]> counts) =>
        counts.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, Interlocked.Read(ref pair.Value[0])));
}
