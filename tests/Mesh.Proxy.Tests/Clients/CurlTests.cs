using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Clients;

public sealed class CurlTests : IAsyncLifetime
{
    private Upstream _upstream = null!;
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(static async context =>
        {
            var request = context.Request;
            if (request.Path == "/refuse")
            {
                context.Response.StatusCode = 403;
                return;
            }

            var body = await new StreamReader(request.Body).ReadToEndAsync();
            await context.Response.WriteAsync(
                $"{request.Method} {request.Host} {request.Path}{request.QueryString} {body.Length} [{request.Headers["http2-settings"]}{request.Headers.Upgrade}]");
        });
        _proxy = await ProxyHost.StartAsync();
        _proxy.Serve("shop/web", new ServiceSpec(), At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("--http1.1", "1.1")]
    [InlineData("--http1.0", "1.1")]
    [InlineData("--http2-prior-knowledge", "2")]
    public async Task Gets_an_answer(string option, string version)
    {
        var result = await CurlAsync(option, "-H", "Host: web.shop", "-w", "|%{http_code} %{http_version}", $"{_proxy.Addresses.Outbound}a/b?c=d");

        Assert.Equal($"GET web.shop /a/b?c=d 0 []|200 {version}", result.Succeeded());
    }

    [Fact]
    public async Task An_upgrade_to_HTTP2_is_passed_over()
    {
        // curl offers it in an HTTP/1.1 request; servers may go on as if it had not.
        var result = await CurlAsync("--http2", "-H", "Host: web.shop", "-w", "|%{http_code} %{http_version}", $"{_proxy.Addresses.Outbound}");

        Assert.Equal("GET web.shop / 0 []|200 1.1", result.Succeeded());
    }

    [Fact]
    public async Task The_proxy_of_a_client_finds_services_by_their_URLs()
    {
        var result = await CurlAsync("-x", $"{_proxy.Addresses.Outbound}", "http://web.shop/a%3Fb?c=%2Fd", "http://web.shop/again");

        Assert.Equal("GET web.shop /a%3Fb?c=%2Fd 0 []GET web.shop /again 0 []", result.Succeeded());
    }

    [Fact]
    public async Task A_tunnel_leads_to_the_service()
    {
        var result = await CurlAsync("-p", "-x", $"{_proxy.Addresses.Outbound}", "-w", "|%{http_connect}", "http://web.shop/x");

        Assert.Equal("GET web.shop /x 0 []|200", result.Succeeded());
    }

    [Fact]
    public async Task No_tunnel_leads_out_of_the_mesh()
    {
        var result = await CurlAsync("-p", "-x", $"{_proxy.Addresses.Outbound}", "-w", "%{http_connect}", $"http://127.0.0.1:{_upstream.Port}/");

        Assert.Equal((56, "404"), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http1.1|-H|Transfer-Encoding: chunked")]
    [InlineData("--http2-prior-knowledge")]
    public async Task A_large_upload_passes(string options)
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, new byte[5_000_000]);

            var result = await CurlAsync([.. options.Split('|'), "-H", "Host: web", "-T", file, $"{_proxy.Addresses.Outbound}x"]);

            Assert.Equal("PUT web /x 5000000 []", result.Succeeded());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("x", "200", "HTTP/1.1 100 Continue")]
    [InlineData("refuse", "403", "HTTP/1.1 403")]
    public async Task Who_asks_whether_to_continue_is_told(string path, string status, string first)
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, new byte[100_000]);

            var result = await CurlAsync(
                "-v", "--expect100-timeout", "30", "-H", "Expect: 100-continue", "-H", "Host: web", "-T", file,
                "-o", "/dev/null", "-w", "%{http_code} %{size_upload}", $"{_proxy.Addresses.Outbound}{path}");

            Assert.Equal($"{status} {(status == "200" ? 100_000 : 0)}", result.Succeeded());
            Assert.StartsWith(first, result.Error[result.Error.IndexOf("< HTTP/", StringComparison.Ordinal)..][2..], StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<ToolResult> CurlAsync(params IEnumerable<string> arguments) =>
        Tool.RunAsync("curl", "curl", ["-sS", "--max-time", "40", .. arguments]);
}
