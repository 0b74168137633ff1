using Mesh.Abstractions.Regions;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Regions;

/// <summary>The one mutable holder of what is known of other regions. Who builds pools reads it without a lock.</summary>
internal sealed class RegionState(TimeProvider time)
{
    /// <summary>
    /// How long what was told holds when the control plane tells nothing of regions any more: while its silos are replaced
    /// one by one, those of an older version and newer ones answer in turns.
    /// </summary>
    public static readonly TimeSpan Keep = TimeSpan.FromMinutes(1);

    private readonly Lock _writing = new();
    private volatile RegionMap _current = RegionMap.Empty;
    private long _toldAt = time.GetTimestamp();

    /// <summary>What was told has changed. Raised after the change, on the thread that made it.</summary>
    public event Action? Changed;

    public RegionMap Current => _current;

    /// <param name="told">Null when the control plane does not know of such things.</param>
    /// <returns>Whether that is news.</returns>
    public bool Update(IReadOnlyList<RegionReach>? told)
    {
        lock (_writing)
        {
            if (told is null && time.GetElapsedTime(_toldAt) < Keep)
            {
                return false;
            }

            _toldAt = told is null ? _toldAt : time.GetTimestamp();
            var next = _current.With(told ?? []);
            if (next.All.SequenceEqual(_current.All))
            {
                return false;
            }

            _current = next;
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>The gateways of all regions.</summary>
    public void UseGateways(IReadOnlyList<Endpoint> endpoints)
    {
        lock (_writing)
        {
            _current = _current.WithGateways(endpoints);
        }
    }
}
