using System.Net;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Resilience;

/// <summary>Retries beyond the picked backend, and those that a rule must allow expressly.</summary>
public sealed class RetryElsewhereTests : RetryTestBase
{
    [Fact]
    public async Task A_retry_goes_on_to_other_backends_by_their_weights_when_its_own_has_no_other_endpoint()
    {
        await using var failing = await Attempts.FailingAsync(503, times: int.MaxValue);
        await using var one = await Attempts.FailingAsync(503, times: 0);
        await using var three = await Attempts.FailingAsync(503, times: 0);
        await using var none = await Attempts.FailingAsync(503, times: 0);
        ServeBackends(Retry(1, 503), ("failing", 1_000_000, failing.Port), ("one", 1, one.Port), ("three", 3, three.Port), ("none", 0, none.Port));

        for (var i = 0; i < 40; i++)
        {
            using var response = await SendAsync("GET");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((40, 0), (one.Count + three.Count, none.Count));
        Assert.True(three.Count > one.Count, $"{one.Count} and {three.Count}");
    }

    [Fact]
    public async Task So_does_one_without_a_connection_if_the_rule_retries()
    {
        await using var alive = await Attempts.FailingAsync(503, times: 0);
        ServeBackends(Retry(1), ("dead", 1_000_000, FreePort.Next()), ("alive", 1, alive.Port));
        using var response = await SendAsync("POST");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        ServeBackends(Rule("all"), ("dead", 1_000_000, FreePort.Next()), ("alive", 1, alive.Port));
        using var refused = await SendAsync("POST");
        Assert.Equal("connect-failed", refused.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task A_backend_without_endpoints_keeps_its_share_of_errors()
    {
        await using var alive = await Attempts.FailingAsync(503, times: 0);
        ServeBackends(Retry(1), ("empty", 1_000_000, null), ("alive", 1, alive.Port));

        using var response = await SendAsync("GET");

        Assert.Equal("no-endpoints", response.Headers.GetValues("mesh-error").Single());
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task A_broken_POST_is_tried_again_only_where_the_rule_says_so(bool nonIdempotent, int tries)
    {
        await using var upstream = await Attempts.StartAsync(static (context, number) =>
        {
            if (number == 1)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return Attempts.EchoAsync(context);
        });
        Serve(Rule("all") with { Retry = new RetryPolicy { NonIdempotent = nonIdempotent } }, At(upstream.Port));

        using var response = await SendAsync("POST", new ByteArrayContent(new byte[10]));

        Assert.Equal((tries == 2 ? 200 : 502, tries), ((int)response.StatusCode, upstream.Count));
    }

    private void ServeBackends(RouteRule rule, params (string Name, int Weight, int? Port)[] backends)
    {
        foreach (var (name, _, port) in backends)
        {
            Proxy.Serve($"shop/{name}", new ServiceSpec(), port is { } some ? [At(some)] : []);
        }

        Proxy.Serve("shop/web", Rules(rule with
        {
            BackendRefs = [.. backends.Select(backend => new BackendRef { Name = backend.Name, Weight = backend.Weight })],
        }));
    }
}
