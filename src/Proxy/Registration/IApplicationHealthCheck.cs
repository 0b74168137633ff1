namespace Mesh.Proxy.Registration;

/// <summary>Asks the application beside the proxy whether it can take requests.</summary>
internal interface IApplicationHealthCheck
{
    /// <returns>Null when it can; else why not, in a few words.</returns>
    Task<string?> Check(CancellationToken cancellationToken);
}
