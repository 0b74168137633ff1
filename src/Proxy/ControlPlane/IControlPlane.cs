using Mesh.Abstractions.Grains;

namespace Mesh.Proxy.ControlPlane;

/// <summary>The connection to the control plane, as the parts of the proxy see it that talk over it.</summary>
internal interface IControlPlane
{
    /// <summary>Whether calls can be made right now, as far as is known.</summary>
    bool IsConnected { get; }

    /// <summary>Whether there has been a connection since the start.</summary>
    bool HasBeenConnected { get; }

    /// <summary>Completes at the next connection; at once when there is one.</summary>
    Task WhenConnected { get; }

    /// <summary>Raised, on any thread, when the connection came (back).</summary>
    event Action? Connected;

    /// <exception cref="InvalidOperationException">There has been no connection yet.</exception>
    IProxyGatewayGrain Gateway { get; }

    /// <summary>A reference to an observer that can be passed to grains. The observer has to be kept alive by its owner.</summary>
    IProxyObserver CreateReference(IProxyObserver observer);
}
