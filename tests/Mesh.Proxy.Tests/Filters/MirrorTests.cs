using System.Collections.Concurrent;
using System.Net;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Filters;

/// <summary>Copies of requests to another service, <c>shop/shadow</c>.</summary>
public sealed class MirrorTests : FilterTestBase
{
    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Http2)]
    public async Task Copies_method_target_headers_and_body(ServiceProtocol protocol)
    {
        var copies = new ConcurrentQueue<string>();
        await using var shadow = await Upstream.StartAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var body = await reader.ReadToEndAsync();
                copies.Enqueue($"{context.Request.Method} {context.Request.Host} {context.Request.Path}{context.Request.QueryString} "
                    + $"{context.Request.Headers["x-a"]} {context.Request.Headers["mesh-mirror"]} {body}");
                context.Response.StatusCode = 500;
            },
            protocol);
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            Assert.False(context.Request.Headers.ContainsKey("mesh-mirror"));
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        Proxy.Serve("shop/shadow", new ServiceSpec { Protocol = protocol }, At(shadow.Port));
        Serve(upstream.Port, Mirror(), new RouteFilter
        {
            Type = RouteFilterType.RequestHeaderModifier,
            RequestHeaderModifier = new HeaderModifier { Set = [new HeaderValue { Name = "x-a", Value = "set" }] },
        });

        foreach (var isAnnounced in (bool[])[true, false])
        {
            var content = new StringContent("some body");
            content.Headers.ContentLength = isAnnounced ? 9 : null;
            var request = Proxy.Request(HttpMethod.Put, "web", "/p%2Fq?r", content);
            request.Headers.TransferEncodingChunked = !isAnnounced;
            using var answer = await Proxy.Http1.SendAsync(request);
            Assert.Equal("some body", await answer.Content.ReadAsStringAsync());
        }

        await Eventually.Holds("both copies arrived", () => CountOf(FilterAction.Mirror) == 2);
        Assert.Equal(["PUT web /p%2Fq?r set 1 some body", "PUT web /p%2Fq?r set 1 some body"], copies);
    }

    [Fact]
    public async Task A_request_without_a_body_has_a_copy_without_one()
    {
        var copies = new ConcurrentQueue<string>();
        await using var shadow = await Upstream.StartAsync(context =>
        {
            copies.Enqueue($"{context.Request.Method} {context.Request.ContentLength} {context.Request.Headers.TransferEncoding}");
            return Task.CompletedTask;
        });
        await using var upstream = await Upstream.NamedAsync("real");
        Proxy.Serve("shop/shadow", new ServiceSpec(), At(shadow.Port));
        Serve(upstream.Port, Mirror());

        Assert.Equal("real", await (await Proxy.GetAsync("web")).Content.ReadAsStringAsync());

        await Eventually.Holds("the copy arrived", () => CountOf(FilterAction.Mirror) == 1);
        Assert.Equal(["GET  "], copies);
    }

    [Fact]
    public async Task Never_waits_for_a_target_that_hangs_and_gives_copies_up_beyond_its_bounds()
    {
        var never = new TaskCompletionSource();
        await using var shadow = await Upstream.StartAsync(_ => never.Task);
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            var length = 0L;
            var buffer = new byte[16 * 1024];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                length += read;
            }

            await context.Response.WriteAsync($"{length}");
        });
        Proxy.Serve("shop/shadow", new ServiceSpec(), At(shadow.Port));
        Serve(upstream.Port, Mirror());
        const long Large = 64 * 1024 * 1024;

        var large = await Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Post, "web", "/", new StreamContent(new ZeroStream(Large))));
        Assert.Equal($"{Large}", await large.Content.ReadAsStringAsync());
        await Eventually.Holds("the large copy was given up", () => CountOf(FilterAction.MirrorDropped) == 1);

        for (var i = 0; i < MirrorSender.MaxInFlight + 10; i++)
        {
            using var answer = await Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Post, "web", "/", new StringContent("x")));
            Assert.Equal("1", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(11, CountOf(FilterAction.MirrorDropped));
        never.SetResult();
    }

    [Fact]
    public async Task Fails_no_request_when_the_target_does()
    {
        await using var upstream = await Upstream.NamedAsync("real");
        Proxy.Serve("shop/shadow", new ServiceSpec(), At(FreePort.Next()));
        Serve(upstream.Port, Mirror());

        Assert.Equal("real", await (await Proxy.GetAsync("web")).Content.ReadAsStringAsync());
        await Eventually.Holds("the copy failed", () => CountOf(FilterAction.MirrorFailed) == 1);

        Proxy.Serve("shop/shadow", new ServiceSpec());
        Assert.Equal("real", await (await Proxy.GetAsync("web")).Content.ReadAsStringAsync());
        await Eventually.Holds("the copy had nowhere to go", () => CountOf(FilterAction.MirrorDropped) == 1);
    }

    [Fact]
    public async Task A_target_that_does_not_exist_fails_no_request()
    {
        await using var upstream = await Upstream.NamedAsync("real");
        Serve(upstream.Port, Mirror());

        Assert.Equal("real", await (await Proxy.GetAsync("web")).Content.ReadAsStringAsync());

        await Eventually.Holds("the copy had nowhere to go", () => CountOf(FilterAction.MirrorDropped) == 1);
        Assert.Equal(["shadow.shop"], Proxy.Source.Asked);
    }

    [Theory]
    [InlineData(25, null, 60, 140)]
    [InlineData(null, 1, 0, 5)]
    [InlineData(0, null, 0, 0)]
    public async Task Copies_a_share(int? percent, int? thousandths, int least, int most)
    {
        var count = 0;
        await using var shadow = await Upstream.StartAsync(_ =>
        {
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        });
        await using var upstream = await Upstream.NamedAsync("real");
        Proxy.Serve("shop/shadow", new ServiceSpec(), At(shadow.Port));
        Serve(upstream.Port, Mirror(percent, thousandths is { } some ? new Fraction { Numerator = some, Denominator = 1000 } : null));

        for (var i = 0; i < 400; i++)
        {
            (await Proxy.GetAsync("web")).Dispose();
        }

        await Eventually.Holds("all copies arrived", () => CountOf(FilterAction.Mirror) == Volatile.Read(ref count));
        Assert.InRange(count, least, most);
    }

    [Fact]
    public async Task Copies_to_several_services_and_for_one_backend()
    {
        var seen = new ConcurrentQueue<string>();
        await using var shadow = await Upstream.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen.Enqueue($"{await reader.ReadToEndAsync()}");
        });
        await using var upstream = await Upstream.NamedAsync("real");
        Proxy.Serve("shop/shadow", new ServiceSpec(), At(shadow.Port));
        Proxy.Serve("shop/second", new ServiceSpec(), At(shadow.Port));
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            Filters = [Mirror()],
            BackendRefs = [new BackendRef { Name = "web", Filters = [Mirror(name: "second")] }],
        }), At(upstream.Port));

        (await Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Post, "web", "/", new StringContent("both")))).Dispose();

        await Eventually.Holds("both copies arrived", () => CountOf(FilterAction.Mirror) == 2);
        Assert.Equal(["both", "both"], seen);
    }

    [Fact]
    public async Task A_retried_request_is_copied_once()
    {
        var copies = new ConcurrentQueue<string>();
        await using var shadow = await Upstream.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            copies.Enqueue(await reader.ReadToEndAsync());
        });
        var tries = 0;
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = Interlocked.Increment(ref tries) == 1 ? 503 : 200;
        });
        Proxy.Serve("shop/shadow", new ServiceSpec(), At(shadow.Port));
        Proxy.Serve("shop/web", Rules(Rule("all") with
        {
            Filters = [Mirror()],
            Retry = new RetryPolicy { Attempts = 2, Codes = [503], Backoff = TimeSpan.FromMilliseconds(1) },
        }), At(upstream.Port));

        using var answer = await Proxy.Http1.SendAsync(Proxy.Request(HttpMethod.Put, "web", "/", new StringContent("once")));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Eventually.Holds("the copy arrived", () => CountOf(FilterAction.Mirror) == 1);
        Assert.Equal(2, tries);
        Assert.Equal(["once"], copies);
    }

    [Fact]
    public async Task A_copy_goes_on_in_the_protocol_the_endpoint_speaks_and_says_where_it_has_been()
    {
        var copies = new ConcurrentQueue<string>();
        await using var shadow = await Upstream.StartAsync(
            context =>
            {
                copies.Enqueue($"{context.Request.Protocol} {context.Request.Headers.Via}");
                return Task.CompletedTask;
            },
            ServiceProtocol.Http2);
        var real = "";
        await using var upstream = await Upstream.StartAsync(context =>
        {
            real = context.Request.Headers.Via.ToString();
            return Task.CompletedTask;
        });
        Proxy.Serve("shop/shadow", new ServiceSpec { Protocol = ServiceProtocol.Auto }, At(shadow.Port));
        Serve(upstream.Port, Mirror());

        (await Proxy.GetAsync("web")).Dispose();

        await Eventually.Holds("the copy arrived", () => CountOf(FilterAction.Mirror) == 1);
        Assert.StartsWith("1.1 mesh-", real, StringComparison.Ordinal);
        Assert.Equal([$"HTTP/2 {real}"], copies);
    }

    private static RouteFilter Mirror(int? percent = null, Fraction? fraction = null, string name = "shadow") => new()
    {
        Type = RouteFilterType.RequestMirror,
        RequestMirror = new RequestMirror { BackendRef = new MirrorBackend { Name = name }, Percent = percent, Fraction = fraction },
    };
}
