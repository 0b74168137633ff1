namespace Mesh.Grains.Services;

/// <summary>
/// The leases of one service's sidecar endpoints, in memory only. Whoever restarts gives every lease one full period
/// of grace, so that an outage of the control plane ends no endpoint.
/// </summary>
internal sealed class LeaseTable(TimeProvider time)
{
    /// <summary>How long a lease lasts without renewal; sidecars renew every 5 s.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>When each lease was last renewed, as a timestamp: a change of the clock ends none.</summary>
    private readonly Dictionary<string, long> _renewals = new(StringComparer.Ordinal);

    /// <summary>When leases were last kept although they had run out; null when they never were.</summary>
    private long? _preservedAt;

    public int Count => _renewals.Count;

    public void Renew(string endpointId) => _renewals[endpointId] = time.GetTimestamp();

    /// <summary>Keeps exactly the leases of these endpoints; new ones get a full period.</summary>
    public void Align(IEnumerable<string> endpointIds)
    {
        var wanted = endpointIds.ToHashSet(StringComparer.Ordinal);
        foreach (var id in _renewals.Keys.Where(id => !wanted.Contains(id)).ToList())
        {
            _renewals.Remove(id);
        }

        foreach (var id in wanted)
        {
            _renewals.TryAdd(id, time.GetTimestamp());
        }
    }

    /// <summary>
    /// Which leases have run out, and whether to believe it: when more than half of them are gone at once, the likely
    /// cause is the way to the control plane and not the instances, so they are to be kept (self-preservation). Once
    /// enough of them are back, the others get a full period to follow.
    /// </summary>
    public LeaseVerdict Judge()
    {
        var expired = _renewals
            .Where(pair => time.GetElapsedTime(pair.Value) >= Period)
            .Select(static pair => pair.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (expired.Count * 2 > _renewals.Count)
        {
            _preservedAt = time.GetTimestamp();
            return new LeaseVerdict(expired, IsPreserved: true);
        }

        var isFollowing = _preservedAt is { } preservedAt && time.GetElapsedTime(preservedAt) < Period;
        return new LeaseVerdict(expired, IsPreserved: isFollowing && expired.Count > 0);
    }
}
