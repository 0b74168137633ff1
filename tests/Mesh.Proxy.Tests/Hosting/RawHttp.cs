using System.Net.Sockets;
using System.Text;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>HTTP/1.1 letter by letter, for what HttpClient would tidy up.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request that asks to close the connection, and reads all there is.</summary>
    public static async Task<string> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    /// <summary>The body of an answer; of a chunked one, what its one chunk holds.</summary>
    public static string BodyOf(string answer)
    {
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return answer.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? body.Split("\r\n")[1] : body;
    }
}
