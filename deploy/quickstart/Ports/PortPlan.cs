using System.Net;
using System.Net.Sockets;
using Mesh.Quickstart.Options;

namespace Mesh.Quickstart.Ports;

/// <summary>Every port the quickstart uses.</summary>
internal sealed record PortPlan(int Api, int Silo, int Gateway, IReadOnlyList<SidecarPorts> Sidecars)
{
    /// <summary>How far apart the ports of two sidecars are.</summary>
    private const int Step = 100;

    public static PortPlan For(QuickstartOptions options, int sidecars)
    {
        if (options.FreePorts)
        {
            return Free(sidecars);
        }

        var last = SidecarPorts.At(options.BasePort + ((sidecars - 1) * Step)).Admin;
        if (last > IPEndPoint.MaxPort)
        {
            throw new QuickstartException(
                $"--base-port {options.BasePort} is too high: the last sidecar's admin port would be {last}, and ports end at {IPEndPoint.MaxPort}.");
        }

        return new PortPlan(
            options.ApiPort,
            options.SiloPort,
            options.GatewayPort,
            [.. Enumerable.Range(0, sidecars).Select(index => SidecarPorts.At(options.BasePort + (index * Step)))]);
    }

    /// <summary>Each port, what it is for, and the option that changes it.</summary>
    public IEnumerable<PortUse> Uses(IReadOnlyList<string> sampleNames)
    {
        yield return new PortUse(Api, "the management API", "--api-port");
        yield return new PortUse(Silo, "the silo", "--silo-port");
        yield return new PortUse(Gateway, "the silo's gateway", "--gateway-port");
        foreach (var (name, ports) in sampleNames.Zip(Sidecars))
        {
            yield return new PortUse(ports.App, name, "--base-port");
            yield return new PortUse(ports.Outbound, $"{name}'s sidecar, outbound", "--base-port");
            yield return new PortUse(ports.Inbound, $"{name}'s sidecar, inbound", "--base-port");
            yield return new PortUse(ports.Admin, $"{name}'s sidecar, admin", "--base-port");
        }
    }

    private static PortPlan Free(int sidecars)
    {
        // All are held open until all are known, so that none comes up twice.
        var held = new List<TcpListener>();
        try
        {
            return new PortPlan(
                Next(), Next(), Next(), [.. Enumerable.Range(0, sidecars).Select(_ => new SidecarPorts(Next(), Next(), Next(), Next()))]);
        }
        finally
        {
            held.ForEach(listener => listener.Dispose());
        }

        int Next()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            held.Add(listener);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
