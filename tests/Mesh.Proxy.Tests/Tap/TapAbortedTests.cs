using System.Text.Json;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Tap;

/// <summary>What watchers see of requests whose answer did not come to its end.</summary>
public sealed class TapAbortedTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Upstream _upstream = null!;
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(async context =>
        {
            if (context.Request.Path.StartsWithSegments("/half"))
            {
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("half", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            if (context.Request.Path != "/whole")
            {
                _arrived.TrySetResult();
                await _end.Task.WaitAsync(context.RequestAborted);
            }

            if (context.Request.Path == "/half/cut")
            {
                context.Abort();
            }
        });
        _proxy = await ProxyHost.StartAsync(
            new AppOptions("127.0.0.1", _upstream.Port), configure: static options => options with { Service = new("shop", "web") });
        _proxy.Serve("shop/web", new ServiceSpec(), At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        _end.TrySetResult();
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("outbound", "/silent")]
    [InlineData("outbound", "/half")]
    [InlineData("inbound", "/silent")]
    [InlineData("inbound", "/half")]
    public async Task A_request_whose_caller_went_away_is_aborted_and_has_no_status(string direction, string path)
    {
        await using var tap = await TapReader.OpenAsync(_proxy, "");
        using var leave = new CancellationTokenSource();
        var call = Call(direction, path, leave.Token);
        await _arrived.Task.WaitAsync(Eventually.Deadline, TimeProvider.System, TestContext.Current.CancellationToken);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        var seen = await tap.NextAsync();
        Assert.Equal((direction, path, "aborted", null), Of(seen));
        Assert.False(seen.TryGetProperty("status", out _));
        var metric = direction == "inbound" ? "mesh_inbound_requests_total{outcome=\"aborted\"} 1\n" : "outcome=\"aborted\"} 1\n";
        await Eventually.Holds("it is counted by the same word", async () =>
            (await _proxy.AdminAsync("/metrics")).Contains(metric, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("outbound")]
    [InlineData("inbound")]
    public async Task An_answer_that_the_proxy_cut_off_is_aborted_and_says_why(string direction)
    {
        await using var tap = await TapReader.OpenAsync(_proxy, "");
        using var request = Request(direction, "/half/cut");
        using var answer = await _proxy.Http1.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte["half".Length], TestContext.Current.CancellationToken);
        _end.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(() => body.ReadAsync(new byte[1]).AsTask());

        Assert.Equal((direction, "/half/cut", "aborted", "upstream-reset"), Of(await tap.NextAsync()));
    }

    [Fact]
    public async Task No_status_selects_them_and_their_own_word_does()
    {
        await using var fine = await TapReader.OpenAsync(_proxy, "?status=2xx");
        await using var aborted = await TapReader.OpenAsync(_proxy, "?status=aborted");
        using var leave = new CancellationTokenSource();
        var call = Call("outbound", "/silent", leave.Token);
        await _arrived.Task.WaitAsync(Eventually.Deadline, TimeProvider.System, TestContext.Current.CancellationToken);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(("outbound", "/silent", "aborted", null), Of(await aborted.NextAsync()));

        await Call("outbound", "/whole", CancellationToken.None);
        var seen = await fine.NextAsync();
        Assert.Equal(("outbound", "/whole", null, null), Of(seen));
        Assert.Equal(200, seen.GetProperty("status").GetInt32());
    }

    private static (string? Direction, string? Path, string? Outcome, string? Error) Of(JsonElement seen) =>
        (Text(seen, "direction"), Text(seen, "path"), Text(seen, "outcome"), Text(seen, "error"));

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() : null;

    private HttpRequestMessage Request(string direction, string path) =>
        new(HttpMethod.Get, new Uri(direction == "inbound" ? _proxy.Addresses.Inbound! : _proxy.Addresses.Outbound, path)) { Headers = { Host = "web" } };

    private async Task Call(string direction, string path, CancellationToken cancellationToken)
    {
        using var request = Request(direction, path);
        using var answer = await _proxy.Http1.SendAsync(request, cancellationToken);
    }
}
