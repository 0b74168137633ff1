using System.Collections.Concurrent;

namespace Mesh.Proxy.ControlPlane;

/// <summary>
/// Names the control plane does not know, for a second: so that an application that keeps asking for one costs the
/// control plane one question a second, and a service that appears is found within that second. Bounded in number.
/// </summary>
internal sealed class UnknownNames(TimeProvider time)
{
    public const int Capacity = 10_000;
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, long> _askedAt = new(StringComparer.OrdinalIgnoreCase);

    public int Count => _askedAt.Count;

    public bool Contains(string host)
    {
        if (!_askedAt.TryGetValue(host, out var askedAt))
        {
            return false;
        }

        if (time.GetElapsedTime(askedAt) < Validity)
        {
            return true;
        }

        _askedAt.TryRemove(new KeyValuePair<string, long>(host, askedAt));
        return false;
    }

    public void Add(string host)
    {
        if (_askedAt.Count >= Capacity)
        {
            // Cheap and rare: forgetting all costs each name one more question.
            _askedAt.Clear();
        }

        _askedAt[host] = time.GetTimestamp();
    }
}
