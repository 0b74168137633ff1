namespace Mesh.Proxy.Balancing;

/// <summary>Which endpoints of a service may be used for something.</summary>
internal enum PoolScope
{
    All,

    /// <summary>Those that are endpoints themselves, and no gateways in their place.</summary>
    Direct,

    /// <summary>Those of the proxy's own region.</summary>
    OwnRegion,
}
