using Mesh.Abstractions.RateLimits;

namespace Mesh.Abstractions.Grains;

/// <summary>
/// Divides one service's rate limit among the proxies of the region that use it. In memory only: what it says is worth a
/// second. Key: <c>namespace/name</c>.
/// </summary>
[Alias("mesh.IRateLimitGrain")]
public interface IRateLimitGrain : IGrainWithStringKey
{
    /// <returns>Null when there is no such service.</returns>
    [Alias("Lease"), ResponseTimeout(ControlPlaneTimeouts.Call)]
    Task<RateShare?> Lease(string proxyId, RateDemand demand);
}
