using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Forwarding;

public sealed class InboundPipelineTests
{
    [Fact]
    public async Task Forwards_everything_to_the_application()
    {
        await using var upstream = await Upstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Host}{context.Request.Path}"));
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", upstream.Port));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Addresses.Inbound!, "/x")) { Headers = { Host = "any.name" } };

        var response = await proxy.Http1.SendAsync(request);

        Assert.Equal("any.name/x", await response.Content.ReadAsStringAsync());
        await Eventually.Holds("the request is counted", async () =>
            (await proxy.AdminAsync("/metrics")).Contains("mesh_inbound_requests_total{outcome=\"2xx\"} 1\n", StringComparison.Ordinal));
        Assert.Contains("http_server_request_duration_seconds_count 1\n", await proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speaks_what_the_application_speaks()
    {
        await using var upstream = await Upstream.StartAsync(
            static app => app.MapGrpcService<EchoService>(), ServiceProtocol.Grpc, static services => services.AddGrpc());
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", upstream.Port, ServiceProtocol.Grpc));
        using var channel = GrpcChannel.ForAddress(proxy.Addresses.Inbound!);

        Assert.Equal("hi", await channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, new CallOptions(), "hi"));
    }

    [Fact]
    public async Task Says_so_when_the_application_is_down()
    {
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", FreePort.Next()));

        using var response = await proxy.Http1.GetAsync(proxy.Addresses.Inbound);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("connect-failed", response.Headers.GetValues("mesh-error").Single());
        Assert.Contains("Mesh:App:Port", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Knows_how_many_requests_the_application_is_busy_with()
    {
        var finish = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(_ => finish.Task);
        await using var proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", upstream.Port));

        var call = proxy.Http1.GetAsync(proxy.Addresses.Inbound);
        await Eventually.Holds("the request is in flight", () => proxy.Active.Inbound == 1);
        finish.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
        await Eventually.Holds("no request is in flight", () => proxy.Active.Inbound == 0);
    }

    [Fact]
    public async Task Without_an_application_there_is_no_inbound_listener()
    {
        await using var proxy = await ProxyHost.StartAsync();

        Assert.Null(proxy.Addresses.Inbound);
    }
}
