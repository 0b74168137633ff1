using System.Text;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api.Watching;

/// <summary>Writes server-sent events (WHATWG HTML, section 9.2).</summary>
internal sealed class EventStreamWriter(HttpResponse response)
{
    private static readonly ReadOnlyMemory<byte> Heartbeat = ": still here\n\n"u8.ToArray();

    public void Start()
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";

        // Reverse proxies in front of the API must not hold events back.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    public Task Put(Representation representation, CancellationToken cancellationToken) =>
        Write(Frame("put", representation.EntityTag, representation.Json.Span), cancellationToken);

    /// <summary>The resource is gone; it may come back.</summary>
    public Task Delete(CancellationToken cancellationToken) => Write(Frame("delete", "", "null"u8), cancellationToken);

    public Task Beat(CancellationToken cancellationToken) => Write(Heartbeat, cancellationToken);

    private async Task Write(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(frame, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private static byte[] Frame(string name, string id, ReadOnlySpan<byte> data) =>
        [.. Encoding.UTF8.GetBytes($"id: {id}\nevent: {name}\ndata: "), .. data, .. "\n\n"u8];
}
