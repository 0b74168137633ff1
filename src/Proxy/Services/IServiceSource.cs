namespace Mesh.Proxy.Services;

/// <summary>
/// The slow path to a service: asked when the table does not know a host, or knows it only from before and nobody
/// keeps it fresh. Waits for the control plane, but never for long, and never when it is known to be away.
/// </summary>
internal interface IServiceSource
{
    /// <param name="host">The authority's host, without port.</param>
    ValueTask<ServiceLookup> FindAsync(string host, CancellationToken cancellationToken);
}
