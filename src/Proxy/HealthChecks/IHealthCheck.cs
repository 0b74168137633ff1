namespace Mesh.Proxy.HealthChecks;

/// <summary>Asks an application or an endpoint whether it can take requests.</summary>
internal interface IHealthCheck
{
    /// <returns>Null when it can; else why not, in a few words.</returns>
    Task<string?> Check(CancellationToken cancellationToken);
}
