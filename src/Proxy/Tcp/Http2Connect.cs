using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Tcp;

/// <summary>A CONNECT request over HTTP/2: its stream becomes the tunnel.</summary>
internal sealed class Http2Connect(ConnectStep step)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            await ErrorResponse.WriteAsync(context, ProxyError.BadRequest, "CONNECT must be the first request of an HTTP/1.1 connection: use a new one");
            return;
        }

        var (tunnel, error, detail) = await step.OpenAsync(context.Request, context.RequestAborted);
        if (error is not null)
        {
            await ErrorResponse.WriteAsync(context, error, detail);
            return;
        }

        using (tunnel)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await tunnel!.RunAsync(new RequestEnd(context));
        }
    }
}
