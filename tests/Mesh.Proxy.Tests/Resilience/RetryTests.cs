using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class RetryTests : RetryTestBase
{
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task No_connection_leads_elsewhere_even_without_a_policy(string method)
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 0);
        Serve(null, At(FreePort.Next(), "dead1"), At(FreePort.Next(), "dead2"), At(upstream.Port, "alive"));
        var content = RandomNumberGenerator.GetBytes(100_000);

        for (var i = 0; i < 20; i++)
        {
            using var response = await SendAsync(method, method == "GET" ? null : new ByteArrayContent(content));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(method == "GET" ? [] : content, await response.Content.ReadAsByteArrayAsync());
        }

        Assert.True(Counters.CountOf(RetryReason.Connect) > 0);
        Assert.Contains("mesh_retries_total{service=\"shop/web\",rule=\"all\",backend=\"shop/web\",reason=\"connect\"} ",
            await Proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_connection_leads_to_two_others_at_most()
    {
        Serve(null, [.. Enumerable.Range(0, 5).Select(static i => At(FreePort.Next(), $"dead{i}"))]);

        using var response = await SendAsync("GET");

        Assert.Equal("connect-failed", response.Headers.GetValues("mesh-error").Single());
        Assert.Contains("the last of 3 tries", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_finds_an_endpoint_that_is_there()
    {
        await using var upstream = await Upstream.StartAsync(
            static app =>
            {
                app.UseWebSockets();
                app.Run(static async context =>
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync();
                    await socket.ReceiveAsync(new byte[1], context.RequestAborted);
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                });
            },
            ServiceProtocol.Http);
        Serve(null, At(FreePort.Next(), "dead"), At(upstream.Port, "alive"));

        for (var i = 0; i < 6; i++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Host", "web");
            await socket.ConnectAsync(new UriBuilder(Proxy.Addresses.Outbound) { Scheme = "ws" }.Uri, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_status_the_rule_lists_is_tried_again(string method)
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 2);
        Serve(Retry(2, 503), At(upstream.Port));

        using var response = await SendAsync(method);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("x-number"));
        Assert.Equal(3, upstream.Count);
        Assert.Equal(2, Counters.CountOf(RetryReason.Status));
    }

    [Theory]
    [InlineData("h2c", "HTTP2-Settings")]
    [InlineData("TLS/1.2", null)]
    public async Task An_offer_to_change_the_protocol_that_is_not_taken_up_changes_nothing(string protocol, string? named)
    {
        await using var upstream = await Attempts.FailingAsync(503);
        Serve(Retry(1, 503), At(upstream.Port));
        var request = Proxy.Request(HttpMethod.Get, "web", "/");
        request.Headers.Connection.Add("Upgrade");
        if (named is not null)
        {
            request.Headers.Connection.Add(named);
            request.Headers.Add(named, "AAMAAABkAAQCAAAAAAIAAAAA");
        }

        request.Headers.Upgrade.ParseAdd(protocol);
        using var response = await Proxy.Http1.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, 2), (response.StatusCode, upstream.Count));
    }

    [Fact]
    public async Task The_last_answer_is_the_callers_when_attempts_are_used_up()
    {
        await using var upstream = await Attempts.FailingAsync(503, times: 10);
        Serve(Retry(2, 503), At(upstream.Port));

        using var response = await SendAsync("GET");

        Assert.Equal((503, "3", "no"), ((int)response.StatusCode, response.Headers.GetValues("x-number").Single(), await response.Content.ReadAsStringAsync()));
        Assert.Equal(3, upstream.Count);
    }

    [Fact]
    public async Task A_status_the_rule_does_not_list_is_an_answer()
    {
        await using var upstream = await Attempts.FailingAsync(500);
        Serve(Retry(2, 503), At(upstream.Port));

        using var response = await SendAsync("GET");

        Assert.Equal((500, 1), ((int)response.StatusCode, upstream.Count));
    }

    [Theory]
    [InlineData(10_240, true)]
    [InlineData(10_240, false)]
    [InlineData(ReplayableBody.Limit, true)]
    [InlineData(ReplayableBody.Limit, false)]
    public async Task A_body_is_sent_again(int size, bool isAnnounced)
    {
        await using var upstream = await Attempts.FailingAsync(503);
        Serve(Retry(1, 503), At(upstream.Port));
        var content = RandomNumberGenerator.GetBytes(size);

        foreach (var client in (HttpClient[])[Proxy.Http1, Proxy.Http2])
        {
            using var response = await SendAsync("POST", Content(content, isAnnounced), client);
            Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        }

        Assert.Equal(3, upstream.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_longer_body_is_not(bool isAnnounced)
    {
        await using var upstream = await Attempts.FailingAsync(503);
        Serve(Retry(1, 503), At(upstream.Port));

        using var response = await SendAsync("POST", Content(new byte[ReplayableBody.Limit + 1], isAnnounced));

        Assert.Equal((503, 1), ((int)response.StatusCode, upstream.Count));
        Assert.Equal(1, Counters.CountOf(RetryRefusal.Body));
    }

    [Fact]
    public async Task A_body_that_was_still_coming_goes_on_to_the_next_endpoint()
    {
        var hasFailed = new TaskCompletionSource();
        await using var upstream = await Attempts.StartAsync(async (context, number) =>
        {
            if (number > 1)
            {
                hasFailed.SetResult();
                await Attempts.EchoAsync(context);
                return;
            }

            Assert.True(await context.Request.Body.ReadAsync(new byte[100]) > 0);
            context.Response.StatusCode = 503;
        }, ServiceProtocol.Http2);

        // By HTTP/1.1, HttpClient shows nobody an answer before the whole request is sent.
        Serve(Retry(1, 503), At(upstream.Port, protocol: ServiceProtocol.Http2));
        var pipe = new Pipe();
        var call = SendAsync("POST", new StreamContent(pipe.Reader.AsStream()));

        // More than anybody on the way keeps back to send it with the rest.
        var begin = RandomNumberGenerator.GetBytes(50_000);
        await pipe.Writer.WriteAsync(begin);
        await hasFailed.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
        await pipe.Writer.WriteAsync("end"u8.ToArray());
        await pipe.Writer.CompleteAsync();

        using var response = await call;
        Assert.Equal(begin.Concat("end"u8.ToArray()), await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET", 200, 2)]
    [InlineData("PUT", 200, 2)]
    [InlineData("DELETE", 200, 2)]
    [InlineData("POST", 504, 1)]
    [InlineData("PATCH", 504, 1)]
    public async Task A_try_that_takes_too_long_is_repeated_where_that_does_no_harm(string method, int status, int tries)
    {
        await using var upstream = await Attempts.StartAsync((context, number) => number > 1
            ? Attempts.EchoAsync(context)
            : Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted));
        Serve(Retry(1, 504) with { Timeouts = new RouteTimeouts { BackendRequest = TimeSpan.FromMilliseconds(600) } }, At(upstream.Port));

        using var response = await SendAsync(method);

        Assert.Equal((status, tries), ((int)response.StatusCode, upstream.Count));
    }

    [Theory]
    [InlineData("GET", 200, 2)]
    [InlineData("POST", 502, 1)]
    public async Task A_connection_that_breaks_is_repeated_where_that_does_no_harm(string method, int status, int tries)
    {
        await using var upstream = await Attempts.StartAsync(async (context, number) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            if (number == 1)
            {
                context.Abort();
            }
        });
        Serve(Retry(1, 502), At(upstream.Port));

        using var response = await SendAsync(method);

        Assert.Equal((status, tries), ((int)response.StatusCode, upstream.Count));
    }

    [Fact]
    public async Task Without_a_policy_only_connections_are_tried_again()
    {
        await using var upstream = await Attempts.StartAsync(static (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        Serve(null, At(upstream.Port, "one"), At(upstream.Port, "two"));

        using var response = await SendAsync("GET");

        Assert.Equal((502, 1), ((int)response.StatusCode, upstream.Count));
    }

    [Fact]
    public async Task Never_goes_to_an_endpoint_that_failed_while_there_is_another()
    {
        await using var one = await Attempts.FailingAsync(503, times: 1_000);
        await using var two = await Attempts.FailingAsync(503, times: 1_000);
        await using var good = await Attempts.FailingAsync(503, times: 0);
        Serve(Retry(2, 503), At(one.Port, "one"), At(two.Port, "two"), At(good.Port, "good"));

        for (var i = 0; i < 30; i++)
        {
            using var response = await SendAsync("GET");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(one.Count > 0 && two.Count > 0);
    }

    [Fact]
    public async Task A_response_that_has_started_is_never_repeated()
    {
        var hasBegun = new TaskCompletionSource();
        await using var upstream = await Attempts.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("only a part");
            await context.Response.Body.FlushAsync();
            await hasBegun.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
            context.Abort();
        });
        Serve(Retry(5, 502, 503), At(upstream.Port));

        using var response = await SendAsync("GET");
        hasBegun.SetResult();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
        await Eventually.Holds("the request is over", () => Proxy.Active.Outbound == 0);
        Assert.Equal(1, upstream.Count);
    }
}
