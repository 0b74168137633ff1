using System.Globalization;
using System.Text;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.WebUtilities;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// An HTTP/1.1 connection whose first request is CONNECT. It is taken before Kestrel's HTTP, which offers no tunnels.
/// As long as the tunnel is not open, what the caller sends ahead waits.
/// </summary>
internal sealed class Http1Connect(ConnectStep step, LoadShedder shedder, ProxyStats stats, TimeProvider time)
{
    /// <summary>As long as Kestrel waits for the headers of a request, by default.</summary>
    private static readonly TimeSpan HeadLimit = TimeSpan.FromSeconds(30);

    private static ReadOnlyMemory<byte> Established { get; } = "HTTP/1.1 200 Connection Established\r\n\r\n"u8.ToArray();

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        try
        {
            await ServeAsync(connection);
        }
        catch (BadHttpRequestException exception)
        {
            stats.Errors.Count(ProxyError.BadRequest);
            await FailAsync(connection, exception.StatusCode, ProxyError.BadRequest, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller left, or took too long.
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var request = await ReadHeadAsync(connection);
        if (request is null)
        {
            return;
        }

        if (shedder.Judge(time.GetTimestamp()) is var reason and not ShedReason.None)
        {
            stats.Errors.Count(ProxyError.Overloaded);
            await FailAsync(connection, ProxyError.Overloaded.Status, ProxyError.Overloaded, shedder.Explain(reason));
            return;
        }

        // Not ConnectionClosed: it fires as soon as the caller has sent all it will, and an answer is wanted all the same.
        var (tunnel, error, detail) = await step.OpenAsync(request, CancellationToken.None);
        if (error is not null)
        {
            await FailAsync(connection, error.Status, error, detail);
            return;
        }

        using (tunnel)
        {
            var caller = new ConnectionEnd(connection);
            await caller.WriteAsync(Established, CancellationToken.None);
            await tunnel!.RunAsync(caller);
        }
    }

    private async ValueTask<HttpRequest?> ReadHeadAsync(ConnectionContext connection)
    {
        using var limit = new CancellationTokenSource(HeadLimit, time);
        var head = new ConnectHead();
        var size = 0L;
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(limit.Token);
            var before = read.Buffer.Length;
            var request = head.TryRead(read.Buffer, out var consumed);
            size += read.Buffer.Slice(0, consumed).Length;
            var left = before - read.Buffer.Slice(0, consumed).Length;
            input.AdvanceTo(consumed, request is null ? read.Buffer.End : consumed);
            if (request is not null)
            {
                return request;
            }

            if (size + left > ConnectHead.MaxSize)
            {
                throw new BadHttpRequestException("the headers are too long", StatusCodes.Status431RequestHeaderFieldsTooLarge);
            }

            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static async ValueTask FailAsync(ConnectionContext connection, int status, ProxyError error, string message)
    {
        var body = $"{error.Code}: {message.ReplaceLineEndings(" ")}\n";
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}
            {ErrorResponse.CodeHeader}: {error.Code}
            Content-Type: text/plain; charset=utf-8
            Content-Length: {Encoding.UTF8.GetByteCount(body)}
            Connection: close


            """).ReplaceLineEndings("\r\n");
        await connection.Transport.Output.WriteAsync(Encoding.UTF8.GetBytes(head + body));
    }
}
