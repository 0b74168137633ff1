namespace Mesh.Proxy.Listeners;

/// <summary>What a connection was accepted for.</summary>
internal enum ListenerKind
{
    /// <summary>Applications call the mesh.</summary>
    Outbound,

    /// <summary>The mesh calls the application beside the proxy.</summary>
    Inbound,

    /// <summary>Operators look at the proxy.</summary>
    Admin,

    /// <summary>Applications call one service of opaque bytes.</summary>
    Tcp,
}
