using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;

namespace Mesh.Proxy.Tcp;

/// <summary>A CONNECT request over HTTP/2 (RFC 9113, section 8.5): the bodies of request and response are the tunnel.</summary>
internal sealed class RequestEnd : TunnelEnd
{
    private readonly HttpContext _context;

    public RequestEnd(HttpContext context)
    {
        _context = context;
        if (context.Features.Get<IConnectionSocketFeature>() is { } connection)
        {
            KeepAlive.Enable(connection.Socket);
        }
    }

    public override PipeReader Input => _context.Request.BodyReader;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _context.Response.Body.WriteAsync(bytes, cancellationToken);

    public override ValueTask FinishAsync() => new(_context.Response.CompleteAsync());

    public override void Abort() => _context.Abort();
}
