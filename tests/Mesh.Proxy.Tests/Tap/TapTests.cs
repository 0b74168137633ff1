using System.Net;
using System.Text.Json;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Tap;

public sealed class TapTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = context.Request.Path == "/broken" ? 503 : 200;
            return Task.CompletedTask;
        });
        _proxy = await ProxyHost.StartAsync();
        _proxy.Serve("shop/web", Rules(Rule("all")), At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Shows_only_what_is_asked_for()
    {
        await using var tap = await TapReader.OpenAsync(_proxy, "?status=5xx&service=shop/web&method=GET&path=/b&direction=outbound&query=true");
        using (await _proxy.GetAsync("web", "/fine"))
        {
        }

        using (await _proxy.GetAsync("nobody", "/broken"))
        {
        }

        using (await _proxy.GetAsync("web", "/broken?a=1"))
        {
        }

        var seen = await tap.NextAsync();
        Assert.Equal("/broken?a=1", Text(seen, "path"));
        Assert.False(seen.TryGetProperty("headers", out _));
    }

    [Fact]
    public async Task The_proxys_own_errors_are_shown_with_their_code()
    {
        await using var tap = await TapReader.OpenAsync(_proxy, "");
        using (await _proxy.GetAsync("nobody"))
        {
        }

        Assert.Equal("unknown-service", Text(await tap.NextAsync(), "error"));
    }

    [Fact]
    public async Task What_is_more_than_was_asked_for_is_dropped_and_counted()
    {
        await using var tap = await TapReader.OpenAsync(_proxy, "?max=1");
        for (var i = 0; i < 50; i++)
        {
            using var answer = await _proxy.GetAsync("web");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await tap.SeesAsync("event: dropped");
    }

    [Fact]
    public async Task There_is_an_end_and_a_limit()
    {
        var taps = new List<TapReader>();
        for (var i = 0; i < 4; i++)
        {
            taps.Add(await TapReader.OpenAsync(_proxy, ""));
        }

        using (var refused = await _proxy.Http1.GetAsync(new Uri(_proxy.Addresses.Admin, "/tap"), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        foreach (var tap in taps)
        {
            await tap.DisposeAsync();
        }

        await Eventually.Holds("there is room again", async () =>
        {
            await using var next = await TapReader.OpenAsync(_proxy, "?for=50ms");
            await next.EndsAsync();
            return true;
        });
    }

    [Theory]
    [InlineData("?status=9")]
    [InlineData("?status=abc")]
    [InlineData("?max=0")]
    [InlineData("?max=1001")]
    [InlineData("?for=2h")]
    [InlineData("?direction=up")]
    [InlineData("?path=a")]
    [InlineData("?headers=yes")]
    [InlineData("?other=1")]
    [InlineData("?max=1&max=2")]
    public async Task What_cannot_be_meant_is_refused(string query)
    {
        using var answer = await _proxy.Http1.GetAsync(new Uri(_proxy.Addresses.Admin, "/tap" + query), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("there are service=", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
