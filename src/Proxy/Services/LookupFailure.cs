namespace Mesh.Proxy.Services;

internal enum LookupFailure
{
    None,

    /// <summary>The control plane says that no service has that name.</summary>
    UnknownService,

    /// <summary>Nothing is known of the name and the control plane cannot be asked.</summary>
    ControlPlaneUnreachable,
}
