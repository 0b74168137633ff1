using Mesh.Testing.Processes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>
/// A silo, a caller's proxy, and six endpoints of one service: four applications in the test's process, one of which speaks
/// HTTP/2, and two sidecars that are processes. The same endpoints belong to three services.
/// </summary>
internal sealed class FaultyMesh : IAsyncDisposable
{
    /// <summary>Retries, by peak EWMA; its rule sends a share to <see cref="Turns"/>.</summary>
    public const string Web = "shop/web";

    /// <summary>Takes endpoints in turns, so that a fault is met soon: by latency, who has failed may be avoided for a minute.</summary>
    public const string Turns = "shop/turns";

    /// <summary>Does not retry, nor eject.</summary>
    public const string Plain = "shop/plain";

    private readonly List<IAsyncDisposable> _started = [];

    public SiloProcess Silo { get; private set; } = null!;

    /// <summary>The proxy beside the callers.</summary>
    public ProxyProcess Caller { get; private set; } = null!;

    public IReadOnlyList<FaultyApplication> Applications { get; private set; } = [];

    public IReadOnlyList<SidecarEndpoint> Sidecars { get; private set; } = [];

    public IReadOnlyList<IFaultyEndpoint> Endpoints => [.. Applications.Take(2), Sidecars[0], .. Applications.Skip(2), Sidecars[1]];

    public static async Task<FaultyMesh> Start()
    {
        var mesh = new FaultyMesh();
        try
        {
            await mesh.StartAll();
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>The rule of <see cref="Web"/>.</summary>
    /// <param name="weight">What stays with it, in percent; the rest goes to <see cref="Turns"/>.</param>
    public static string RetryingRule(int weight) => $$"""
        {
          "name": "all",
          "backendRefs": [{ "name": "web", "weight": {{weight}} }, { "name": "turns", "weight": {{100 - weight}} }],
          "timeouts": { "request": "10s", "backendRequest": "500ms" },
          "retry": { "attempts": 3, "codes": [500, 502, 503, 504], "backoff": "5ms" }
        }
        """;

    public static string EndpointJson(FaultyApplication application, int weight = 1) => $$"""
        { "host": "127.0.0.1", "port": {{application.Port}}, "protocol": "{{(application.SpeaksHttp2 ? "http2" : "http")}}", "weight": {{weight}} }
        """;

    public async ValueTask DisposeAsync()
    {
        foreach (var started in _started.AsEnumerable().Reverse())
        {
            await started.DisposeAsync();
        }
    }

    private async Task StartAll()
    {
        var silo = SiloProcess.Ready();
        Applications = await Task.WhenAll(
            Kept(FaultyApplication.Start("app-1")),
            Kept(FaultyApplication.Start("app-2")),
            Kept(FaultyApplication.Start("app-3")),
            Kept(FaultyApplication.Start("app-4", HttpProtocols.Http2)));
        Silo = await Kept(silo);
        await Silo.Api.Write($"/v1/services/{Web}", $$"""{ "routes": [{{RetryingRule(50)}}], "traffic": {{Traffic("peakEwma")}} }""");
        await Silo.Api.Write($"/v1/services/{Turns}", $$"""{ "traffic": {{Traffic("roundRobin")}} }""");
        await Silo.Api.Write($"/v1/services/{Plain}", """
            {
              "routes": [{ "name": "all", "backendRefs": [{ "name": "plain" }], "timeouts": { "backendRequest": "500ms" } }],
              "traffic": { "loadBalancer": { "type": "roundRobin" } }
            }
            """);
        Sidecars = await Task.WhenAll(
            Kept(SidecarEndpoint.Start("sidecar-1", Silo.Url, Web)),
            Kept(SidecarEndpoint.Start("sidecar-2", Silo.Url, Web)));
        foreach (var application in Applications)
        {
            await AddEndpoint(Web, application.Name, EndpointJson(application));
            await AddEndpoint(Turns, application.Name, EndpointJson(application));
            await AddEndpoint(Plain, application.Name, EndpointJson(application));
        }

        foreach (var sidecar in Sidecars)
        {
            // With Web they register themselves.
            var json = $$"""{ "host": "127.0.0.1", "port": {{sidecar.Port}} }""";
            await AddEndpoint(Turns, sidecar.Name, json);
            await AddEndpoint(Plain, sidecar.Name, json);
        }

        Caller = await Kept(ProxyProcess.Ready(new ProxySettings { Name = "caller", ControlPlane = Silo.Url, WarmUp = [Web, Turns, Plain] }));
    }

    private static string Traffic(string balancer) => $$"""
        {
          "loadBalancer": { "type": "{{balancer}}" },
          "outlierDetection": { "consecutiveFailures": 3, "minEjection": "200ms", "maxEjection": "1s" },
          "retryBudget": { "percent": 1000, "minPerSecond": 1000 }
        }
        """;

    private Task AddEndpoint(string service, string id, string json) => Silo.Api.Write($"/v1/services/{service}/endpoints/{id}", json);

    private async Task<T> Kept<T>(Task<T> starting)
        where T : IAsyncDisposable
    {
        var started = await starting;
        lock (_started)
        {
            _started.Add(started);
        }

        return started;
    }
}
