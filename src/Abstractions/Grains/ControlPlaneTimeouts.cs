namespace Mesh.Abstractions.Grains;

/// <summary>Time limits of control-plane calls: short, because a call to a silo that died waits for all of it.</summary>
public static class ControlPlaneTimeouts
{
    /// <summary>For <c>[ResponseTimeout]</c>: 3 s.</summary>
    public const string Call = "00:00:03";

    /// <summary>How often a proxy renews its subscriptions at its gateway.</summary>
    public static readonly TimeSpan ProxyRenewal = TimeSpan.FromSeconds(3);

    /// <summary>How often a silo's push hub renews its subscriptions at the service grains.</summary>
    public static readonly TimeSpan HubRenewal = TimeSpan.FromSeconds(5);
}
