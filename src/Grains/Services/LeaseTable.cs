namespace Mesh.Grains.Services;

/// <summary>
/// The leases of one service's sidecar endpoints, in memory only. Whoever restarts gives every lease one full period
/// of grace, so that an outage of the control plane ends no endpoint.
/// </summary>
internal sealed class LeaseTable
{
    /// <summary>How long a lease lasts without renewal; sidecars renew every 5 s.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, DateTimeOffset> _expiries = new(StringComparer.Ordinal);

    public int Count => _expiries.Count;

    public void Renew(string endpointId, DateTimeOffset now) => _expiries[endpointId] = now + Period;

    /// <summary>Keeps exactly the leases of these endpoints; new ones get a full period.</summary>
    public void Align(IEnumerable<string> endpointIds, DateTimeOffset now)
    {
        var wanted = endpointIds.ToHashSet(StringComparer.Ordinal);
        foreach (var id in _expiries.Keys.Where(id => !wanted.Contains(id)).ToList())
        {
            _expiries.Remove(id);
        }

        foreach (var id in wanted)
        {
            _expiries.TryAdd(id, now + Period);
        }
    }

    /// <summary>
    /// Which leases have run out, and whether to believe it: when more than half of them are gone at once, the likely
    /// cause is the way to the control plane and not the instances, so they are to be kept (self-preservation).
    /// </summary>
    public LeaseVerdict Judge(DateTimeOffset now)
    {
        var expired = _expiries.Where(pair => pair.Value <= now).Select(static pair => pair.Key).Order(StringComparer.Ordinal).ToList();
        return new LeaseVerdict(expired, IsPreserved: expired.Count * 2 > _expiries.Count);
    }
}
