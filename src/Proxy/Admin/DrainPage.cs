using System.Text.Json;

namespace Mesh.Proxy.Admin;

/// <summary>
/// Has the proxy leave as on SIGTERM, for those who cannot send it a signal: the same steps, told to the host in the same way, so that
/// there is one way to leave and not two.
/// </summary>
internal sealed partial class DrainPage(IHostApplicationLifetime lifetime, ILogger<DrainPage> logger)
{
    private static readonly byte[] Answer = JsonSerializer.SerializeToUtf8Bytes(new { state = "Draining" });

    /// <summary>Answers first: what follows closes connections.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Answer.Length;
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.Body.WriteAsync(Answer, context.RequestAborted);
            await context.Response.CompleteAsync();
        }
        finally
        {
            // Also when who asked did not wait for the answer: they may have counted on it.
            LogAsked(context.Connection.RemoteIpAddress);
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(2803, LogLevel.Information, "Leaving, as on SIGTERM: {Address} asked for it by POST /drain")]
    private partial void LogAsked(System.Net.IPAddress? address);
}
