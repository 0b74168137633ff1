using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Clients;

/// <summary>h2load, of nghttp2: many streams on few connections.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData(ServiceProtocol.Http, false)]
    [InlineData(ServiceProtocol.Http, true)]
    [InlineData(ServiceProtocol.Http2, false)]
    [InlineData(ServiceProtocol.Auto, false)]
    public async Task No_request_fails(ServiceProtocol protocol, bool isHttp1)
    {
        await using var upstream = await Upstream.StartAsync(
            static context => context.Response.WriteAsync("ok"), protocol == ServiceProtocol.Http2 ? ServiceProtocol.Http2 : ServiceProtocol.Http);
        await using var proxy = await ProxyHost.StartAsync();
        proxy.Serve("shop/web", new ServiceSpec { Protocol = protocol }, At(upstream.Port));
        string[] arguments = ["-n", "3000", "-c", "3", "-m", isHttp1 ? "1" : "100", "-H", ":authority: web.shop", $"{proxy.Addresses.Outbound}"];

        var result = await Tool.RunAsync("h2load", "nghttp2-client", isHttp1 ? arguments.Prepend("--h1") : arguments);

        Assert.Contains("3000 succeeded, 0 failed, 0 errored, 0 timeout", result.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("3000 2xx", result.Output, StringComparison.Ordinal);
    }
}
