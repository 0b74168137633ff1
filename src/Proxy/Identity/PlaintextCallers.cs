using System.Collections.Concurrent;
using System.Net;

namespace Mesh.Proxy.Identity;

/// <summary>Who still calls without mutual TLS, by address, so that a service can be made strict when nobody does.</summary>
internal sealed class PlaintextCallers
{
    /// <summary>Addresses told apart; the requests of others are counted together.</summary>
    public const int Most = 100;

    private readonly ConcurrentDictionary<IPAddress, long[]> _counts = new();
    private readonly long[] _others = new long[1];

    /// <summary>The address, or null for all others.</summary>
    public IEnumerable<(string? Caller, long Requests)> All => _counts
        .Select(static pair => ((string?)pair.Key.ToString(), Interlocked.Read(ref pair.Value[0])))
        .Append((null, Interlocked.Read(ref _others[0])));

    public void Count(IPAddress? caller)
    {
        if (caller is null || (!_counts.TryGetValue(caller, out var count) && !TryAdd(caller, out count)))
        {
            count = _others;
        }

        Interlocked.Increment(ref count[0]);
    }

    private bool TryAdd(IPAddress caller, out long[] count)
    {
        count = _others;
        if (_counts.Count >= Most)
        {
            return false;
        }

        count = _counts.GetOrAdd(caller, static _ => new long[1]);
        return true;
    }
}
