namespace Mesh.Proxy.Resilience;

/// <summary>
/// What everybody shares who decides on the health of one service's endpoints, or draws conclusions from it: the lock
/// around every change, and how many there were.
/// </summary>
internal sealed class HealthGate
{
    private long _version;

    public Lock Lock { get; } = new();

    /// <summary>Grows whenever an endpoint's ejection, or the verdict of its health checks, changes.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Only under the lock.</summary>
    public void Changed() => Volatile.Write(ref _version, _version + 1);
}
