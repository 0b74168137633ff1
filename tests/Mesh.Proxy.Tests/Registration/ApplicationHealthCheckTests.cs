using Mesh.Abstractions.Services;
using Mesh.Proxy.HealthChecks;
using Mesh.Proxy.Hosting;
using Mesh.Proxy.Registration;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Mesh.Proxy.Tests.Registration;

public sealed class ApplicationHealthCheckTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Next();
    private readonly int _grpcPort = FreePort.Next();
    private WebApplication _app = null!;
    private volatile bool _isHealthy = true;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(_port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.ListenLocalhost(_grpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddGrpcHealthChecks()
            .AddCheck("app", () => _isHealthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        builder.Services.Configure<HealthCheckPublisherOptions>(options =>
        {
            options.Delay = TimeSpan.Zero;
            options.Period = TimeSpan.FromSeconds(1);
        });
        _app = builder.Build();
        _app.MapGet("/health", () => _isHealthy ? Results.Ok() : Results.StatusCode(500));
        _app.MapGet("/redirect", () => Results.Redirect("/elsewhere"));
        _app.MapGrpcHealthChecksService();
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Http_is_healthy_from_200_to_399()
    {
        Assert.Null(await Check(HealthCheckType.Http, _port, "/health"));
        Assert.Null(await Check(HealthCheckType.Http, _port, "/redirect"));
        Assert.Contains("404", await Check(HealthCheckType.Http, _port, "/nothing"), StringComparison.Ordinal);

        _isHealthy = false;
        Assert.Contains("500", await Check(HealthCheckType.Http, _port, "/health"), StringComparison.Ordinal);
        Assert.NotNull(await Check(HealthCheckType.Http, FreePort.Next(), "/health"));
    }

    [Fact]
    public async Task Grpc_is_healthy_while_the_health_service_says_serving()
    {
        await Eventually.Holds("it is serving", async () => await Check(HealthCheckType.Grpc, _grpcPort, null, ServiceProtocol.Grpc) is null);
        Assert.Contains("NotFound", await Check(HealthCheckType.Grpc, _grpcPort, "other", ServiceProtocol.Grpc), StringComparison.Ordinal);

        _isHealthy = false;
        await Eventually.Holds("it is not serving", async () =>
            await Check(HealthCheckType.Grpc, _grpcPort, null, ServiceProtocol.Grpc) is "gRPC health is NotServing");
        Assert.NotNull(await Check(HealthCheckType.Grpc, FreePort.Next(), null, ServiceProtocol.Grpc));
    }

    [Fact]
    public async Task Tcp_is_healthy_while_the_port_accepts()
    {
        Assert.Null(await Check(HealthCheckType.Tcp, _port, null));
        Assert.NotNull(await Check(HealthCheckType.Tcp, FreePort.Next(), null));
    }

    private static async Task<string?> Check(HealthCheckType type, int port, string? path, ServiceProtocol protocol = ServiceProtocol.Http)
    {
        using var client = new HealthCheckClient();
        var check = ApplicationHealthChecks.Create(
            new ApplicationOptions
            {
                Port = port,
                Protocol = protocol,
                HealthCheck = new HealthCheckOptions { Type = type, Path = path },
            },
            client);
        using var _ = check as IDisposable;
        return await check.Check(TestContext.Current.CancellationToken);
    }
}
