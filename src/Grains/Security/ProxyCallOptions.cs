namespace Mesh.Grains.Security;

/// <summary>Which interfaces clients reach beyond those marked for proxies.</summary>
public sealed class ProxyCallOptions
{
    /// <value>By default what the Orleans client itself needs: to connect, to cancel a call, to read a stream of results.</value>
    public ISet<string> ClientInterfaces { get; } = new HashSet<string>
    {
        "Orleans.Runtime.IClusterManifestSystemTarget",
        "Orleans.Runtime.IGrainCallCancellationExtension",
        "Orleans.Runtime.IAsyncEnumerableGrainExtension",
    };
}
