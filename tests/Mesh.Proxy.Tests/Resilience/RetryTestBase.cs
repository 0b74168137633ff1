using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Telemetry;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Resilience;

/// <summary>A proxy with one service whose endpoints and retry policy each test chooses.</summary>
public abstract class RetryTestBase : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    private protected ProxyHost Proxy => _proxy;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected RetryCounters Counters => _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Rules[0].Backends[0].Stats.Retries;

    private protected static RouteRule Retry(int attempts, params int[] codes) => Rule("all") with
    {
        Retry = new RetryPolicy { Attempts = attempts, Codes = codes, Backoff = TimeSpan.FromMilliseconds(1) },
    };

    /// <summary>With a Content-Length, or chunked.</summary>
    private protected static ByteArrayContent Content(byte[] content, bool isAnnounced)
    {
        var body = new ByteArrayContent(content);
        body.Headers.ContentLength = isAnnounced ? content.Length : null;
        return body;
    }

    private protected void Serve(RouteRule? rule, params Endpoint[] endpoints) => Serve(rule, null, endpoints);

    private protected void Serve(RouteRule? rule, RetryBudget? budget, params Endpoint[] endpoints) => _proxy.Serve(
        "shop/web",
        new ServiceSpec
        {
            Routes = [rule ?? Rule("all")],
            Traffic = new TrafficPolicy { LoadBalancer = new LoadBalancerPolicy { Type = LoadBalancerType.RoundRobin }, RetryBudget = budget },
        },
        endpoints);

    private protected Task<HttpResponseMessage> SendAsync(string method, HttpContent? content = null, HttpClient? client = null)
    {
        client ??= _proxy.Http1;
        var request = _proxy.Request(new HttpMethod(method), "web", "/", content);
        request.Headers.TransferEncodingChunked = client == _proxy.Http1 && content is { Headers.ContentLength: null } ? true : null;
        request.Version = client.DefaultRequestVersion;
        request.VersionPolicy = client.DefaultVersionPolicy;
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
