using System.Net;
using System.Text.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Admin;

public sealed class AdminPipelineTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Fact]
    public async Task Is_healthy_while_it_serves() => Assert.Equal("ok\n", await _proxy.AdminAsync("/healthz"));

    [Fact]
    public async Task Is_ready_once_nothing_stands_in_the_way()
    {
        _proxy.Readiness.Obstacles = ["the control plane has not been reached", "shop/web is not warm"];
        using var notReady = await _proxy.Http1.GetAsync(new Uri(_proxy.Addresses.Admin, "/readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, notReady.StatusCode);
        Assert.Equal("the control plane has not been reached\nshop/web is not warm\n", await notReady.Content.ReadAsStringAsync());

        _proxy.Readiness.Obstacles = [];
        Assert.Equal("ready\n", await _proxy.AdminAsync("/readyz"));
    }

    [Fact]
    public async Task Shows_snapshots_with_what_was_rejected()
    {
        _proxy.Serve("shop/web", new ServiceSpec { Hosts = ["web.example"] }, At(8080));
        _proxy.Table.Apply(EncodedSnapshot.FromJson(new("shop", "web"), 9, "[]"u8.ToArray()), isAuthoritative: false);
        _proxy.Table.GetOrAdd(new("shop", "unheard-of"));

        var services = JsonDocument.Parse(await _proxy.AdminAsync("/snapshots")).RootElement.GetProperty("services");

        Assert.Equal(["shop/namespace-settings", "shop/unheard-of", "shop/web"], services.EnumerateArray().Select(service => service.GetProperty("service").GetString()));
        Assert.Equal(0, services[1].GetProperty("revision").GetInt64());
        var web = services[2];
        Assert.Equal(1, web.GetProperty("revision").GetInt64());
        Assert.True(web.GetProperty("live").GetBoolean());
        Assert.True(web.TryGetProperty("appliedAt", out _));
        Assert.Equal("web.example", web.GetProperty("spec").GetProperty("hosts")[0].GetString());
        Assert.Equal(8080, web.GetProperty("endpoints")[0].GetProperty("port").GetInt32());
        Assert.Equal(9, web.GetProperty("rejected").GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task Shows_endpoints_with_what_was_measured()
    {
        await using var upstream = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        _proxy.Serve("shop/web", new ServiceSpec(), At(upstream.Port));
        await _proxy.GetAsync("web");

        var endpoint = JsonDocument.Parse(await _proxy.AdminAsync("/endpoints")).RootElement
            .GetProperty("services")[0].GetProperty("endpoints")[0];

        Assert.Equal($"127.0.0.1:{upstream.Port}", endpoint.GetProperty("address").GetString());
        Assert.Equal("Ready", endpoint.GetProperty("state").GetString());
        Assert.Equal(1, endpoint.GetProperty("requests").GetInt64());
        Assert.Equal(1, endpoint.GetProperty("failures").GetInt64());
        Assert.True(endpoint.GetProperty("latencyEstimateMs").GetDouble() > 0);
    }

    [Fact]
    public async Task Metrics_follow_requests_rules_and_endpoints_and_forget_the_gone()
    {
        await using var upstream = await Upstream.NamedAsync("ok");
        _proxy.Serve("shop/web", Rules(Rule("api", Prefix("/api"))), At(upstream.Port));
        await _proxy.GetAsync("web", "/api");
        await _proxy.GetAsync("web", "/");
        await _proxy.GetAsync("nobody");
        _proxy.Table.Apply(Of("shop/deleted", 1, spec: null), isAuthoritative: true);
        const string Labels = "service=\"shop/web\",rule=\"api\",backend=\"shop/web\"";

        await Eventually.Holds("the request is counted", async () =>
            (await _proxy.AdminAsync("/metrics")).Contains($"mesh_requests_total{{{Labels},outcome=\"2xx\"}} 1\n", StringComparison.Ordinal));
        var metrics = await _proxy.AdminAsync("/metrics");
        Assert.Contains($"http_client_request_duration_seconds_bucket{{{Labels},le=\"+Inf\"}} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"http_client_request_duration_seconds_count{{{Labels}}} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"http_client_active_requests{{{Labels}}} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_errors_total{service=\"shop/web\",code=\"no-route\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_errors_total{service=\"\",code=\"unknown-service\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"mesh_endpoint_requests_total{{service=\"shop/web\",endpoint=\"e1\",region=\"local\",address=\"127.0.0.1:{upstream.Port}\"}} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_snapshot_revision{service=\"shop/web\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("shop/deleted", metrics, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", metrics, StringComparison.Ordinal);
        PrometheusText.AssertValid(metrics);

        _proxy.Serve("shop/web", Rules(Rule("other")), At(upstream.Port, "e2"));
        metrics = await _proxy.AdminAsync("/metrics");
        Assert.DoesNotContain("rule=\"api\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("endpoint=\"e1\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_the_pages_where_there_is_none()
    {
        using var response = await _proxy.Http1.GetAsync(new Uri(_proxy.Addresses.Admin, "/favicon.ico"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("/healthz /readyz /snapshots /endpoints /metrics", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Can_only_be_read()
    {
        using var head = await _proxy.Http1.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(_proxy.Addresses.Admin, "/metrics")));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());

        using var post = await _proxy.Http1.PostAsync(new Uri(_proxy.Addresses.Admin, "/healthz"), null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);
    }
}
