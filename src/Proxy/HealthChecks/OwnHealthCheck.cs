namespace Mesh.Proxy.HealthChecks;

/// <summary>Of what lives in this process: it is well as long as it can say so.</summary>
internal sealed class OwnHealthCheck : IHealthCheck
{
    public Task<string?> Check(CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
