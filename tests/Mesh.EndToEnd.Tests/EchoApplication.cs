using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>An application of opaque bytes that sends back what it gets, in the test's process.</summary>
internal sealed class EchoApplication : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, FreePort.Next());
    private readonly Task _accepting;

    public EchoApplication()
    {
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connects to a port of a proxy and says something.</summary>
    /// <returns>What came back; empty when the connection was closed.</returns>
    public static async Task<string> Exchange(int port, string text)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
            var answer = new byte[text.Length];
            var count = await client.GetStream().ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false).AsTask().WaitAsync(Eventually.Deadline, TimeProvider.System);
            return Encoding.ASCII.GetString(answer, 0, count);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private static async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                await client.GetStream().CopyToAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The other side left.
            }
        }
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
