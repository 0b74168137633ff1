using System.IO.Pipelines;
using System.Security.Cryptography;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

/// <summary>What an endpoint does while the caller still sends the request's body. The caller is not to blame for it.</summary>
public sealed class UnfinishedBodyTests : RetryTestBase
{
    /// <summary>More than anybody on the way keeps back to send it with the rest.</summary>
    private readonly byte[] _begin = RandomNumberGenerator.GetBytes(50_000);
    private readonly Pipe _body = new();

    [Theory]
    [InlineData(ServiceProtocol.Http)]
    [InlineData(ServiceProtocol.Http2)]
    public async Task A_reset_leads_to_the_next_endpoint(ServiceProtocol protocol)
    {
        var isTriedAgain = new TaskCompletionSource();
        await using var upstream = await Attempts.StartAsync(async (context, number) =>
        {
            if (number == 1)
            {
                Assert.True(await context.Request.Body.ReadAsync(new byte[100]) > 0);
                context.Abort();
                return;
            }

            isTriedAgain.SetResult();
            await Attempts.EchoAsync(context);
        }, protocol);
        Serve(Retry(1), At(upstream.Port, protocol: protocol));
        var call = SendAsync("PUT", new StreamContent(_body.Reader.AsStream()), Proxy.Http2);
        await _body.Writer.WriteAsync(_begin);

        // Nobody notices by HTTP/1.1, but by sending more.
        if (protocol == ServiceProtocol.Http2)
        {
            await isTriedAgain.Task.WaitAsync(Eventually.Deadline, TimeProvider.System);
        }

        await _body.Writer.WriteAsync("end"u8.ToArray());
        await _body.Writer.CompleteAsync();

        using var response = await call;
        Assert.Equal((200, 2), ((int)response.StatusCode, upstream.Count));
        Assert.Equal(_begin.Concat("end"u8.ToArray()), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_reset_is_the_endpoints_failure()
    {
        await using var upstream = await Attempts.StartAsync(static async (context, _) =>
        {
            Assert.True(await context.Request.Body.ReadAsync(new byte[100]) > 0);
            context.Abort();
        }, ServiceProtocol.Http2);
        Serve(Retry(1), At(upstream.Port, protocol: ServiceProtocol.Http2));
        var call = SendAsync("POST", new StreamContent(_body.Reader.AsStream()), Proxy.Http2);
        await _body.Writer.WriteAsync(_begin);

        using var response = await call;

        Assert.Equal((502, "upstream-reset"), ((int)response.StatusCode, response.Headers.GetValues("mesh-error").Single()));
        Assert.Contains("""mesh_endpoint_failures_total{service="shop/web",endpoint="e1",region="local",address=""", await Proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        await _body.Writer.CompleteAsync();
    }

    [Fact]
    public async Task An_answer_that_did_not_wait_for_the_body_is_a_good_one()
    {
        await using var upstream = await Attempts.StartAsync(static async (context, _) =>
        {
            context.Response.StatusCode = 413;
            await context.Response.WriteAsync("too much");
        }, ServiceProtocol.Http2);
        Serve(null, At(upstream.Port, protocol: ServiceProtocol.Http2));
        var call = SendAsync("POST", new StreamContent(_body.Reader.AsStream()), Proxy.Http2);
        await _body.Writer.WriteAsync(_begin);

        using var response = await call;

        Assert.Equal((413, "too much"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        await Eventually.Holds("the request is over", () => Proxy.Active.Outbound == 0);
        Assert.DoesNotContain("bad-request", await Proxy.AdminAsync("/metrics"), StringComparison.Ordinal);
        await _body.Writer.CompleteAsync();
    }
}
