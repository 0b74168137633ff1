using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>
/// An HTTP application in the test's process, with the faults an application may have. Healthy, it answers with a digest of
/// the request's body. It counts what it gets, and how often it has done what a POST asks for.
/// </summary>
internal sealed class FaultyApplication : IFaultyEndpoint, IAsyncDisposable
{
    /// <summary>Names a request; a try of the same request has the same one.</summary>
    public const string CallHeader = "x-call";

    /// <summary>250 ms: half of what the tests allow for one try.</summary>
    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(250);

    private readonly ReservedPort _port = new();
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private readonly ConcurrentDictionary<string, int> _done = new();
    private readonly ConcurrentDictionary<(Fault Fault, string Authority), int> _counts = new();
    private readonly HttpProtocols _protocol;
    private readonly Action<WebApplicationBuilder>? _services;
    private readonly Action<WebApplication>? _endpoints;
    private WebApplication? _app;
    private volatile Fault _fault;
    private int _answering;

    private FaultyApplication(
        string name, HttpProtocols protocol, Action<WebApplicationBuilder>? services, Action<WebApplication>? endpoints)
    {
        Name = name;
        _protocol = protocol;
        _services = services;
        _endpoints = endpoints;
    }

    public string Name { get; }

    public int Port => _port.Number;

    public bool SpeaksHttp2 => _protocol == HttpProtocols.Http2;

    public IReadOnlyList<Fault> Faults { get; } =
        [Fault.Dead, Fault.Hanging, Fault.Unavailable, Fault.Slow, Fault.Resetting, Fault.Truncating];

    public FaultyApplication Application => this;

    /// <summary>How often it took up each POST, by the name of the request. Refusing one with 503 is not taking it up.</summary>
    public IEnumerable<KeyValuePair<string, int>> Done => _done;

    /// <param name="protocol">HTTP/1.1, or HTTP/2 with prior knowledge.</param>
    /// <param name="services">What <paramref name="endpoints"/> need.</param>
    /// <param name="endpoints">What answers instead of the digest while there is no fault.</param>
    public static async Task<FaultyApplication> Start(
        string name,
        HttpProtocols protocol = HttpProtocols.Http1,
        Action<WebApplicationBuilder>? services = null,
        Action<WebApplication>? endpoints = null)
    {
        var application = new FaultyApplication(name, protocol, services, endpoints);
        await application.Listen();
        return application;
    }

    /// <summary>The digest that a request with this body is answered with.</summary>
    public static string DigestOf(ReadOnlySpan<byte> body) => Convert.ToHexString(SHA256.HashData(body));

    /// <summary>How many requests for that authority it got while it had that fault.</summary>
    public int CountOf(Fault fault, string authority) => _counts.GetValueOrDefault((fault, authority));

    public async Task Break(Fault fault)
    {
        // Nobody could repeat a request whose response is broken off, so those being answered are answered to their end.
        _fault = Fault.Hanging;
        await Eventually.Holds($"{Name} has answered everybody", () => Volatile.Read(ref _answering) == 0);
        _fault = fault;
        if (fault == Fault.Dead)
        {
            await Close();
        }
    }

    public async Task Mend()
    {
        _fault = Fault.None;
        if (_app is null)
        {
            await Listen();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        _port.Dispose();
    }

    private async Task Listen()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen =>
        {
            listen.Protocols = _protocol;
            listen.Use(Track);
        }));
        _services?.Invoke(builder);
        var app = builder.Build();
        app.Use(Misbehave);
        (_endpoints ?? (static app => app.Run(AnswerDigest)))(app);
        await app.StartAsync();
        _app = app;
    }

    /// <summary>As a process does that is killed: the listener goes, and connections are reset, whatever they are doing.</summary>
    private async Task Close()
    {
        if (_app is { } app)
        {
            _app = null;
            var stopped = app.StopAsync();
            while (!stopped.IsCompleted)
            {
                foreach (var connection in _connections.Keys)
                {
                    connection.Abort();
                }

                await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
            }

            await stopped;
            await app.DisposeAsync();
        }
    }

    private ConnectionDelegate Track(ConnectionDelegate next) => async connection =>
    {
        _connections[connection] = true;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    };

    private async Task Misbehave(HttpContext context, RequestDelegate answer)
    {
        var fault = _fault;
        var number = _counts.AddOrUpdate((fault, context.Request.Host.Value ?? ""), 1, static (_, count) => count + 1);
        if (fault != Fault.Unavailable && HttpMethods.IsPost(context.Request.Method) && context.Request.Headers.TryGetValue(CallHeader, out var name))
        {
            _done.AddOrUpdate(name.ToString(), 1, static (_, count) => count + 1);
        }

        switch (fault)
        {
            case Fault.Hanging:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case Fault.Unavailable:
                await Refuse(context);
                break;
            case Fault.Resetting or Fault.Truncating or Fault.Dead:
                if (number % 2 == 0)
                {
                    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                }

                if (fault == Fault.Truncating)
                {
                    // Past Kestrel, which sends whole heads only. For HTTP/2 it is a frame that makes no sense.
                    context.Features.Get<IConnectionSocketFeature>()?.Socket.Send("HTTP/1.1 200 OK\r\ncontent-le"u8);
                }

                context.Abort();
                break;
            default:
                Interlocked.Increment(ref _answering);
                context.Response.OnCompleted(() =>
                {
                    Interlocked.Decrement(ref _answering);
                    return Task.CompletedTask;
                });
                if (fault == Fault.Slow)
                {
                    await Task.Delay(Slowness, TimeProvider.System, context.RequestAborted);
                }

                await answer(context);
                break;
        }
    }

    private static Task Refuse(HttpContext context)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "14";
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync("not now\n");
    }

    private static async Task AnswerDigest(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var digest = DigestOf(body.GetBuffer().AsSpan(0, (int)body.Length));
        context.Response.ContentLength = digest.Length;
        await context.Response.WriteAsync(digest);
    }
}
