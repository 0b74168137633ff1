using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Localities;

/// <summary>The regions eu and us, each with a Redis and a silo of its own, that follow each other.</summary>
internal sealed class TwoRegions : IAsyncDisposable
{
    /// <summary>What a change may need from one region's silo to the other's proxies, on a machine that is busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly List<IAsyncDisposable> _started = [];
    private readonly Dictionary<string, RedisServer> _stores = [];

    private TwoRegions()
    {
    }

    public SiloProcess Eu { get; private set; } = null!;

    public SiloProcess Us { get; private set; } = null!;

    /// <param name="via">How eu's proxies reach us.</param>
    public static async Task<TwoRegions> Start(string via = "Direct")
    {
        var regions = new TwoRegions();
        try
        {
            foreach (var region in (string[])["eu", "us"])
            {
                regions._stores.Add(region, await RedisServer.Start());
            }

            regions.Eu = regions.Launch("eu", "us", via);
            regions.Us = regions.Launch("us", "eu", "Direct");
            await Task.WhenAll(regions.Eu.WaitReady(), regions.Us.WaitReady());
            return regions;
        }
        catch
        {
            await regions.DisposeAsync();
            throw;
        }
    }

    /// <summary>A proxy without application.</summary>
    public Task<ProxyProcess> Proxy(string region, params (string Key, string Value)[] more) =>
        Start(new ProxySettings { Name = $"{region} proxy", ControlPlane = Silo(region).Url, More = Settings(region, more) });

    /// <summary>A proxy that takes requests from the other region.</summary>
    public Task<ProxyProcess> Gateway(string region) => Proxy(region, ("Mesh:Mode", "Gateway"), ("Mesh:ProxyId", $"gateway-{_started.Count}"));

    /// <summary>A proxy beside an application, which it registers as an instance of shop/web.</summary>
    public Task<ProxyProcess> Sidecar(string region, int appPort) => Start(new ProxySettings
    {
        Name = $"{region} sidecar",
        ControlPlane = Silo(region).Url,
        Service = "shop/web",
        AppPort = appPort,
        More = Settings(region, ("Mesh:App:HealthCheck:Interval", "00:00:00.2")),
    });

    public SiloProcess Silo(string region) => region == "eu" ? Eu : Us;

    /// <summary>Waits until a region's control plane has told that proxy how near the instances of shop/web are.</summary>
    public static Task Levels(ProxyProcess proxy, params (string Region, string Level)[] expected) => Eventually.Holds(
        $"the endpoints are {string.Join(", ", expected)}",
        async () => expected.Order().SequenceEqual((await Endpoints(proxy)).Order()),
        Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _started.AsEnumerable().Reverse())
        {
            await one.DisposeAsync();
        }

        foreach (var store in _stores.Values)
        {
            store.Dispose();
        }
    }

    private static async Task<IEnumerable<(string Region, string Level)>> Endpoints(ProxyProcess proxy)
    {
        using var page = JsonDocument.Parse(await proxy.Admin.GetStringAsync("/endpoints"));
        return [.. page.RootElement.GetProperty("services").EnumerateArray()
            .Where(static service => service.GetProperty("service").GetString() == "shop/web")
            .SelectMany(static service => service.GetProperty("endpoints").EnumerateArray())
            .Select(static endpoint => (endpoint.GetProperty("region").GetString()!, endpoint.GetProperty("level").GetString()!))];
    }

    private static Dictionary<string, string> Settings(string region, params (string Key, string Value)[] more) =>
        more.Append(("Mesh:Region", region)).ToDictionary(static setting => setting.Item1, static setting => setting.Item2);

    private SiloProcess Launch(string region, string peer, string via)
    {
        var silo = SiloProcess.Launch(new SiloSettings
        {
            Name = $"{region} silo",
            Region = region,
            Redis = _stores[region].ConnectionString,
            More = new Dictionary<string, string>
            {
                [$"Mesh:Peers:{peer}:Redis"] = _stores[peer].ConnectionString,
                [$"Mesh:Peers:{peer}:StaleAfter"] = "00:00:06",
                [$"Mesh:Peers:{peer}:Via"] = via,
            },
        });
        _started.Add(silo);
        return silo;
    }

    private async Task<ProxyProcess> Start(ProxySettings settings)
    {
        var proxy = ProxyProcess.Launch(settings);
        _started.Add(proxy);
        await proxy.WaitReady();
        return proxy;
    }
}
