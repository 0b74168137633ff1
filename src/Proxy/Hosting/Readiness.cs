using Mesh.Proxy.Admin;
using Mesh.Proxy.ControlPlane;

namespace Mesh.Proxy.Hosting;

/// <summary>
/// Ready once the warm-up services are known, from the control plane or from the disk, and until the proxy is told to
/// stop. The application's health is not part of it: the proxy has to be up before its application.
/// </summary>
internal sealed class Readiness(Subscriptions subscriptions, IHostApplicationLifetime lifetime) : IReadiness
{
    public IReadOnlyList<string> Obstacles
    {
        get
        {
            var obstacles = subscriptions.Cold.Select(static service => $"nothing is known of {service} (Mesh:WarmUp) yet");
            return lifetime.ApplicationStopping.IsCancellationRequested
                ? [.. obstacles, "the proxy is stopping"]
                : [.. obstacles];
        }
    }
}
