using Mesh.Abstractions.Endpoints;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Forwarding;

/// <summary>The life of a request from the mesh to the application beside the proxy: forwarded as it is, and measured.</summary>
internal sealed class InboundPipeline(
    AppOptions app,
    IHttpForwarder forwarder,
    UpstreamClient client,
    ActiveRequests active,
    ProxyStats stats,
    TimeProvider time)
{
    private readonly UpstreamEndpoint _application = new(
        new Endpoint { Id = "app", Host = app.Host, Port = app.Port, Region = "" }, app.Protocol, new EndpointStats(time));

    public async Task InvokeAsync(HttpContext context)
    {
        var arrived = time.GetTimestamp();
        active.BeginInbound();
        stats.Inbound.Begin();
        var isAborted = true;
        try
        {
            var result = await new UpstreamTry(_application, rule: null, time).SendAsync(context, forwarder, client, CancellationToken.None);
            if (result.Error is { } error)
            {
                stats.InboundErrors.Count(error);
                await ErrorResponse.WriteAsync(context, error,
                    $"the application at {_application.Address} (Mesh:App:Port): {result.Detail}");
            }

            isAborted = result.IsAborted;
        }
        finally
        {
            active.EndInbound();
            if (isAborted)
            {
                stats.Inbound.EndAborted();
            }
            else
            {
                stats.Inbound.End(context.Response.StatusCode, time.GetElapsedTime(arrived));
            }
        }
    }
}
