using System.IO.Pipelines;

namespace Mesh.Proxy.Tcp;

/// <summary>A CONNECT request over HTTP/2 (RFC 9113, section 8.5): the bodies of request and response are the tunnel.</summary>
internal sealed class RequestEnd(HttpContext context) : TunnelEnd
{
    public override PipeReader Input => context.Request.BodyReader;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        context.Response.Body.WriteAsync(bytes, cancellationToken);

    public override ValueTask FinishAsync() => new(context.Response.CompleteAsync());

    public override void Abort() => context.Abort();
}
