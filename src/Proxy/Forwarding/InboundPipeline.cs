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
        var outcome = RequestStats.AbortedOutcome;
        try
        {
            outcome = await SendAsync(context);
        }
        finally
        {
            active.EndInbound();
            stats.Inbound.End(outcome, time.GetElapsedTime(arrived));
        }
    }

    /// <returns>The outcome for <see cref="RequestStats.End"/>.</returns>
    private async ValueTask<int> SendAsync(HttpContext context)
    {
        if (RequestTarget.IsTunnel(context))
        {
            return await FailAsync(context, ProxyError.BadRequest, RequestTarget.NoTunnels);
        }

        var result = await new UpstreamTry(_application, call: null, time).SendAsync(context, forwarder, client, CancellationToken.None);
        if (result.IsAborted)
        {
            return RequestStats.AbortedOutcome;
        }

        return result.Error is { } error
            ? await FailAsync(context, error, $"the application at {_application.Address} (Mesh:App:Port): {result.Detail}")
            : context.Response.StatusCode;
    }

    private Task<int> FailAsync(HttpContext context, ProxyError error, string message) =>
        ErrorResponse.FailAsync(context, stats.InboundErrors, error, message);
}
