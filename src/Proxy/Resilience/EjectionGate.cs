namespace Mesh.Proxy.Resilience;

/// <summary>What the successive outlier detectors of one service share: the lock around every change, and how many there were.</summary>
internal sealed class EjectionGate
{
    private long _version;

    public Lock Lock { get; } = new();

    /// <summary>Grows with every change of any endpoint's <see cref="EjectionPhase"/>.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Only under the lock.</summary>
    public void Changed() => Volatile.Write(ref _version, _version + 1);
}
