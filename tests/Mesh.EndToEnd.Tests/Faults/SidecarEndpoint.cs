using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>An endpoint that is a process: a sidecar proxy that registers itself, with a healthy application behind it.</summary>
internal sealed class SidecarEndpoint : IFaultyEndpoint, IAsyncDisposable
{
    private readonly ReservedPort _port;
    private bool _isFrozen;

    private SidecarEndpoint(FaultyApplication application, ProxyProcess sidecar, ReservedPort port)
    {
        Application = application;
        Sidecar = sidecar;
        _port = port;
    }

    public string Name => Application.Name;

    public int Port => _port.Number;

    public IReadOnlyList<Fault> Faults { get; } = [Fault.Killed, Fault.Frozen];

    public FaultyApplication Application { get; }

    public ProxyProcess Sidecar { get; }

    /// <param name="service">The service it registers with, as <c>namespace/name</c>.</param>
    public static async Task<SidecarEndpoint> Start(string name, Uri controlPlane, string service)
    {
        var application = await FaultyApplication.Start(name);
        var port = new ReservedPort();
        var sidecar = await ProxyProcess.Ready(new ProxySettings
        {
            Name = name,
            ControlPlane = controlPlane,
            InboundPort = port.Number,
            Service = service,
            AppPort = application.Port,
            HealthCheckType = "Http",
            HealthCheckPath = "/healthz",
            More = new Dictionary<string, string>
            {
                ["Mesh:App:EndpointId"] = name,
                ["Mesh:Drain:Delay"] = "00:00:01",
            },
        });
        return new SidecarEndpoint(application, sidecar, port);
    }

    public async Task Break(Fault fault)
    {
        if (fault == Fault.Frozen)
        {
            Sidecar.Process.Stop();
            _isFrozen = true;
        }
        else
        {
            await Sidecar.Kill();
        }
    }

    public async Task Mend()
    {
        if (_isFrozen)
        {
            Sidecar.Process.Continue();
            _isFrozen = false;
        }
        else if (Sidecar.Process.HasExited)
        {
            await Sidecar.Start();
            await Sidecar.WaitReady();
        }
    }

    /// <summary>Leaves as on SIGTERM, and comes back.</summary>
    public async Task LeaveAndReturn()
    {
        Sidecar.Process.Terminate();
        Assert.Equal(0, await Sidecar.Process.Exited.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System));
        await Sidecar.Start();
        await Sidecar.WaitReady();
    }

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await Application.DisposeAsync();
        _port.Dispose();
    }
}
