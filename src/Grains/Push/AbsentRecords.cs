using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;

namespace Mesh.Grains.Push;

/// <summary>
/// Settings of namespaces that the catalog had never seen, so that it is not asked again for a while: most namespaces have
/// none, and every proxy names them with every renewal.
/// </summary>
internal sealed class AbsentRecords(TimeProvider time)
{
    private static readonly TimeSpan Validity = ControlPlaneTimeouts.ProxyRenewal;

    private readonly Dictionary<ServiceName, long> _since = [];

    public void Add(ServiceName record) => _since[record] = time.GetTimestamp();

    public bool Contains(ServiceName record) => _since.TryGetValue(record, out var since) && time.GetElapsedTime(since) < Validity;

    public void Prune()
    {
        foreach (var record in _since.Keys.Where(record => !Contains(record)).ToList())
        {
            _since.Remove(record);
        }
    }
}
