using System.Net;
using System.Net.Sockets;
using Mesh.Silo.Hosting;
using Mesh.Testing;

namespace Mesh.Silo.Tests.Hosting;

public class PortCheckTests
{
    [Fact]
    public void A_free_port_is_free_and_stays_so()
    {
        var port = FreePort.Next();

        PortCheck.EnsureFree(IPAddress.Loopback, port, "Mesh:Silo:Port");
        PortCheck.EnsureFree(IPAddress.Loopback, port, "Mesh:Silo:Port");
    }

    [Fact]
    public void A_port_that_another_silo_shares_is_taken_and_named_with_its_key()
    {
        // As Orleans binds it: with SO_REUSEPORT (15 on Linux), so that a second one could join without a word.
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (OperatingSystem.IsLinux())
        {
            other.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
        }

        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen(1);
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;

        var exception = Assert.Throws<SiloStartException>(() => PortCheck.EnsureFree(IPAddress.Loopback, port, "Mesh:Silo:Port"));

        Assert.Contains($"127.0.0.1:{port}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Silo:Port", exception.Message, StringComparison.Ordinal);
    }
}
