using System.Net;
using System.Net.Sockets;
using Mesh.Quickstart.Ports;
using Mesh.Testing;

namespace Mesh.Quickstart.Tests.Ports;

public sealed class PortCheckTests
{
    [Fact]
    public void Names_every_port_that_is_taken_with_its_holder_and_the_option_that_changes_it()
    {
        using var first = Listen(out var firstPort);
        using var second = Listen(out var secondPort);

        var problem = Assert.Throws<QuickstartException>(() => PortCheck.Demand(
        [
            new PortUse(firstPort, "the management API", "--api-port"),
            new PortUse(FreePort.Next(), "the silo", "--silo-port"),
            new PortUse(secondPort, "web's sidecar, admin", "--base-port"),
        ]));

        var lines = problem.Message.Split(Environment.NewLine);
        var holder = OperatingSystem.IsLinux() ? $"(pid {Environment.ProcessId})" : "another process";
        Assert.StartsWith($"Port {firstPort}, for the management API, is taken by ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($"{holder}: choose another with --api-port.", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"Port {secondPort}, for web's sidecar, admin, is taken by ", lines[1], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public void Refuses_a_port_meant_for_two_things()
    {
        var port = FreePort.Next();

        var problem = Assert.Throws<QuickstartException>(() => PortCheck.Demand(
            [new PortUse(port, "the silo", "--silo-port"), new PortUse(port, "the silo's gateway", "--gateway-port")]));

        Assert.StartsWith(
            $"Port {port} is meant both for the silo (--silo-port) and for the silo's gateway (--gateway-port).", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_free_ports_free()
    {
        var port = FreePort.Next();

        PortCheck.Demand([new PortUse(port, "the silo", "--silo-port")]);

        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
    }

    private static TcpListener Listen(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}
