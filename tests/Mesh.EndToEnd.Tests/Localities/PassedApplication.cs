using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.EndToEnd.Tests.Localities;

/// <summary>An application that answers with its name and how many listeners of the mesh the request has passed.</summary>
internal sealed class PassedApplication : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PassedApplication(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public static async Task<PassedApplication> Start(string name)
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(
            $"{name} {context.Request.Headers.Via.Sum(static line => line!.Split(',').Length)}{context.Request.Headers["mesh-backend"]}"));
        await app.StartAsync();
        return new PassedApplication(app, port);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
