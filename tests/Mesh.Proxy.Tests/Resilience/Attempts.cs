using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;

namespace Mesh.Proxy.Tests.Resilience;

/// <summary>An application that behaves one way at first and another way later, and counts.</summary>
internal sealed class Attempts(Upstream upstream, Counter count) : IAsyncDisposable
{
    public int Port => upstream.Port;

    public int Count => count.Value;

    /// <param name="handler">What to do at a request, given its number from 1.</param>
    public static async Task<Attempts> StartAsync(Func<HttpContext, int, Task> handler, ServiceProtocol protocol = ServiceProtocol.Http)
    {
        var count = new Counter();
        return new Attempts(await Upstream.StartAsync(context => handler(context, count.Next()), protocol), count);
    }

    /// <summary>Answers some requests with a status, and then echoes.</summary>
    public static Task<Attempts> FailingAsync(int status, int times = 1, string? retryAfter = null) => StartAsync(async (context, number) =>
    {
        if (number > times)
        {
            await EchoAsync(context);
            return;
        }

        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        context.Response.Headers["x-number"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync("no");
    });

    public static Task EchoAsync(HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body);

    public ValueTask DisposeAsync() => upstream.DisposeAsync();
}
