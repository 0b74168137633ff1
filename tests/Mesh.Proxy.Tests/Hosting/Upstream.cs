using Mesh.Abstractions.Services;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>A real server that stands for an application: HTTP/1.1, or HTTP/2 with prior knowledge.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Upstream(WebApplication app)
    {
        _app = app;
        Port = new Uri(app.Urls.Single()).Port;
    }

    public int Port { get; }

    /// <param name="port">0 for a free one.</param>
    public static Task<Upstream> StartAsync(RequestDelegate handler, ServiceProtocol protocol = ServiceProtocol.Http, int port = 0) =>
        StartAsync(app => app.Run(handler), protocol, port: port);

    public static async Task<Upstream> StartAsync(
        Action<WebApplication> configure, ServiceProtocol protocol, Action<IServiceCollection>? services = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, port, listen => listen.Protocols =
                protocol == ServiceProtocol.Http ? HttpProtocols.Http1 : HttpProtocols.Http2);
        });
        services?.Invoke(builder.Services);
        var app = builder.Build();
        configure(app);
        await app.StartAsync();
        return new Upstream(app);
    }

    /// <summary>A server that answers everything with its name.</summary>
    public static Task<Upstream> NamedAsync(string name) => StartAsync(context => context.Response.WriteAsync(name));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
