using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>A small HTTP application that answers with its own name, in the test's process.</summary>
internal sealed class TestApplication : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApplication(WebApplication app, int port)
    {
        _app = app;
        Port = port;
    }

    public int Port { get; }

    /// <summary>What <c>/healthz</c> answers.</summary>
    public bool IsHealthy { get; set; } = true;

    /// <summary>Requests to <c>/slow</c> wait for it.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many requests to <c>/slow</c> have arrived.</summary>
    public int SlowRequests => _slowRequests;

    private int _slowRequests;

    public static async Task<TestApplication> Start(string name)
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var application = new TestApplication(app, port);
        app.Run(async context =>
        {
            if (context.Request.Path == "/healthz")
            {
                context.Response.StatusCode = application.IsHealthy ? 200 : 503;
                return;
            }

            if (context.Request.Path == "/slow")
            {
                Interlocked.Increment(ref application._slowRequests);
                await application.Gate.Task;
            }

            await context.Response.WriteAsync(name);
        });
        await app.StartAsync();
        return application;
    }

    public async ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        await _app.DisposeAsync();
    }
}
