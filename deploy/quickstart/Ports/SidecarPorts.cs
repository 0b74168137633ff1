namespace Mesh.Quickstart.Ports;

/// <summary>The ports of one sample and its sidecar, all on loopback.</summary>
internal sealed record SidecarPorts(int Outbound, int Inbound, int Admin, int App)
{
    /// <summary>The documented layout: 4140, 4143, 4191 and, for the application, 4150.</summary>
    public static SidecarPorts At(int basePort) => new(basePort, basePort + 3, basePort + 51, basePort + 10);
}
