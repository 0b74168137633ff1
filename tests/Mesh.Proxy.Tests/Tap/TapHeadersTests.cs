using System.Net;
using System.Text.Json;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Processes;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Tap;

/// <summary>Who may watch headers, and which of them.</summary>
public sealed class TapHeadersTests : IAsyncLifetime
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly TemporaryDirectory _files = new();
    private ProxyHost _proxy = null!;
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.NamedAsync("ok");
        var file = System.IO.Path.Combine(_files.Path, "token");
        await File.WriteAllTextAsync(file, Token);
        _proxy = await ProxyHost.StartAsync(configure: options => options with { RedactedHeaders = ["x-secret"], AdminTokenFile = file });
        _proxy.Serve("shop/web", Rules(Rule("all")), At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Shows_a_request_with_what_was_decided_and_no_secret()
    {
        await using var tap = await TapReader.OpenAsync(_proxy, "?headers=true", Token);
        using var request = _proxy.Request(HttpMethod.Get, "web", "/page?token=planted");
        foreach (var name in (string[])["Authorization", "Cookie", "X-Secret", "X-Api-Key", "Proxy-Authorization"])
        {
            request.Headers.TryAddWithoutValidation(name, "planted");
        }

        request.Headers.TryAddWithoutValidation("X-Open", "shown");
        using var answer = await _proxy.Http1.SendAsync(request, TestContext.Current.CancellationToken);

        var seen = await tap.NextAsync();
        Assert.DoesNotContain("planted", seen.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            ("outbound", "web", "GET", "/page", 200, "shop/web", "all", "shop/web", "e1"),
            (Text(seen, "direction"), Text(seen, "authority"), Text(seen, "method"), Text(seen, "path"), seen.GetProperty("status").GetInt32(),
                Text(seen, "service"), Text(seen, "rule"), Text(seen, "backend"), Text(seen, "endpoint")));
        var headers = seen.GetProperty("headers");
        Assert.Equal("shown", Text(headers, "x-open"));
        Assert.Equal("<redacted>", Text(headers, "x-secret"));
        Assert.Equal("<redacted>", Text(headers, "authorization"));
    }

    [Fact]
    public async Task Without_a_token_file_nobody_may_watch_them_not_even_on_loopback()
    {
        await using var proxy = await ProxyHost.StartAsync();
        using var refused = await proxy.Http1.GetAsync(new Uri(proxy.Addresses.Admin, "/tap?headers=true"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Mesh:Admin:TokenFile", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
