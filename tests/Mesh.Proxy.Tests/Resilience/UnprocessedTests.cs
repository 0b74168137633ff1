using System.Net;
using System.Security.Cryptography;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

/// <summary>What was certainly not processed goes to another endpoint, whatever its method.</summary>
public sealed class UnprocessedTests : RetryTestBase
{
    [Theory]
    [InlineData("GET", ServiceProtocol.Http)]
    [InlineData("POST", ServiceProtocol.Http)]
    [InlineData("POST", ServiceProtocol.Http2)]
    public async Task A_connection_that_takes_longer_than_a_try_leads_elsewhere(string method, ServiceProtocol protocol)
    {
        using var hole = await BlackHole.StartAsync();
        await using var upstream = await Attempts.StartAsync(static (context, _) => Attempts.EchoAsync(context), protocol);
        Serve(
            Rule("all") with { Timeouts = new RouteTimeouts { BackendRequest = TimeSpan.FromMilliseconds(300) } },
            At(hole.Port, "hole", protocol: protocol),
            At(upstream.Port, "alive", protocol: protocol));
        var content = RandomNumberGenerator.GetBytes(1_000);

        for (var i = 0; i < 4; i++)
        {
            using var response = await SendAsync(method, method == "GET" ? null : new ByteArrayContent(content));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(method == "GET" ? [] : content, await response.Content.ReadAsByteArrayAsync());
        }

        Assert.True(Counters.CountOf(RetryReason.Connect) > 0);
    }

    [Theory]
    [InlineData(ServiceProtocol.Http, true)]
    [InlineData(ServiceProtocol.Http, false)]
    [InlineData(ServiceProtocol.Http2, true)]
    [InlineData(ServiceProtocol.Http2, false)]
    public async Task A_request_that_was_sent_and_takes_longer_than_a_try_does_not(ServiceProtocol protocol, bool hasBody)
    {
        await using var upstream = await Attempts.StartAsync(
            static (context, _) => Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted), protocol);
        Serve(
            Retry(3) with { Timeouts = new RouteTimeouts { BackendRequest = TimeSpan.FromMilliseconds(200) } },
            At(upstream.Port, "one", protocol: protocol),
            At(upstream.Port, "two", protocol: protocol));

        using var response = await SendAsync("POST", hasBody ? new ByteArrayContent(new byte[10]) : null);

        Assert.Equal("timeout", response.Headers.GetValues("mesh-error").Single());
        Assert.Equal(1, upstream.Count);
    }

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 1_000)]
    [InlineData(true, true, 1_000)]
    public async Task A_stream_that_is_refused_leads_elsewhere(bool saysGoAway, bool afterBody, int size)
    {
        using var refusing = new RefusingHttp2(saysGoAway, afterBody);
        await using var upstream = await Attempts.StartAsync(static (context, _) => Attempts.EchoAsync(context), ServiceProtocol.Http2);
        Serve(Retry(1), At(refusing.Port, "refusing", protocol: ServiceProtocol.Http2), At(upstream.Port, "alive", protocol: ServiceProtocol.Http2));
        var content = RandomNumberGenerator.GetBytes(size);

        for (var i = 0; i < 4; i++)
        {
            using var response = await SendAsync("POST", size == 0 ? null : new ByteArrayContent(content));
            Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        }

        Assert.True(refusing.Refused > 0);
        Assert.Equal(4, upstream.Count);
    }
}
