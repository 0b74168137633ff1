using Mesh.Quickstart.Ports;

namespace Mesh.Quickstart.Fleet;

/// <summary>One sample service and its sidecar.</summary>
/// <param name="Name">The service's name in the namespace <c>shop</c>.</param>
/// <param name="Role">Which role of <c>Mesh.Samples</c> it is.</param>
/// <param name="Protocol">What it speaks, as <c>Mesh:App:Protocol</c> writes it.</param>
/// <param name="HealthCheck">How its sidecar checks it: <c>Http</c> or <c>Grpc</c>.</param>
/// <param name="Calls">The service it calls; its sidecar knows it before it reports ready.</param>
/// <param name="Version">Which version of itself to be.</param>
internal sealed record Sample(string Name, string Role, string Protocol, string HealthCheck, string? Calls, string? Version = null)
{
    public const string Namespace = "shop";

    /// <summary>In the order in which they are started, and their ports count up.</summary>
    public static IReadOnlyList<Sample> All { get; } =
    [
        new("web", "web", "http", "Http", Calls: "catalog"),
        new("catalog", "catalog", "http", "Http", Calls: "pricing", Version: "v1"),
        new("catalog-v2", "catalog", "http", "Http", Calls: "pricing", Version: "v2"),
        new("pricing", "pricing", "grpc", "Grpc", Calls: null),
    ];

    public string SidecarName => $"{Name} sidecar";

    public IEnumerable<string> AppArguments(SidecarPorts ports) =>
    [
        Role,
        $"--port={ports.App}",
        $"--outbound=http://127.0.0.1:{ports.Outbound}",
        .. Version is null ? (string[])[] : [$"--version={Version}"],
    ];

    public IEnumerable<string> SidecarArguments(SidecarPorts ports, Uri controlPlane, string dataDirectory) =>
    [
        $"--Mesh:ControlPlane={controlPlane}",
        $"--Mesh:Outbound:Url=http://127.0.0.1:{ports.Outbound}",
        $"--Mesh:Inbound:Url=http://127.0.0.1:{ports.Inbound}",
        $"--Mesh:Admin:Url=http://127.0.0.1:{ports.Admin}",
        $"--Mesh:DataDirectory={dataDirectory}",
        $"--Mesh:App:Service={Namespace}/{Name}",
        $"--Mesh:App:Port={ports.App}",
        $"--Mesh:App:Protocol={Protocol}",
        $"--Mesh:App:HealthCheck:Type={HealthCheck}",
        // Nobody stays who would have to hear of it.
        "--Mesh:Drain:Delay=0:00:01",
        .. HealthCheck == "Http" ? (string[])["--Mesh:App:HealthCheck:Path=/healthz"] : [],
        .. Calls is null ? (string[])[] : [$"--Mesh:WarmUp:0={Namespace}/{Calls}"],
    ];
}
