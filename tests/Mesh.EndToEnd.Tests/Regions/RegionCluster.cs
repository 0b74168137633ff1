using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>
/// The processes of one region: a Redis with its append-only file, silos, and a proxy; an application that never fails;
/// and the ways from its silos to its own Redis and to those of its peers.
/// </summary>
internal sealed class RegionCluster : IAsyncDisposable
{
    /// <summary>For silos that were killed, frozen or evicted to be there again, on a busy machine.</summary>
    public static readonly TimeSpan ReturnDeadline = TimeSpan.FromSeconds(60);

    private readonly RegionSettings _settings;
    private readonly List<SiloProcess> _silos = [];
    private readonly Dictionary<string, TcpRelay> _links = [];

    private RegionCluster(RegionSettings settings, RedisServer redis, TestApplication application)
    {
        (_settings, Redis, Application) = (settings, redis, application);
        Store = TcpRelay.To(redis.Port);
    }

    public string Name => _settings.Name;

    /// <summary>Its clock is hours off, so that no order is to be expected between its writes and those of others.</summary>
    public bool HasSkewedClock => _settings.ClockOffset is not null;

    public RedisServer Redis { get; }

    public TestApplication Application { get; }

    /// <summary>The way from the region's silos to its own Redis.</summary>
    public TcpRelay Store { get; }

    /// <summary>The ways from the region's silos to its peers' Redis, by region.</summary>
    public IReadOnlyDictionary<string, TcpRelay> Links => _links;

    public IReadOnlyList<SiloProcess> Silos => _silos;

    public ProxyProcess Proxy { get; private set; } = null!;

    /// <summary>Calls through the proxy may fail: it was killed, and is not ready again.</summary>
    public bool IsProxyDown { get; private set; }

    /// <summary>When its Redis last lost all it had, and the history of changes with it.</summary>
    public TimeSpan ForgotAt { get; set; }

    public int ProxyKills { get; private set; }

    /// <summary>The region's store and application; the rest needs the peers' addresses.</summary>
    public static async Task<RegionCluster> Start(RegionSettings settings) =>
        new(settings, await RedisServer.Start(appendOnly: true), await TestApplication.Start(settings.Name));

    public async Task StartSilos(IEnumerable<RegionCluster> regions)
    {
        foreach (var peer in regions.Where(region => region != this))
        {
            _links[peer.Name] = TcpRelay.To(peer.Redis.Port);
        }

        for (var number = 1; number <= _settings.Silos; number++)
        {
            _silos.Add(SiloProcess.Launch(new SiloSettings
            {
                Name = $"{Name}-silo-{number}",
                Region = Name,
                Redis = $"127.0.0.1:{Store.Port}",
                LogDirectory = _settings.LogDirectory,
                Environment = _settings.ClockOffset is null ? new Dictionary<string, string?>() : FakeClock.Environment(_settings.ClockOffset),
                More = _links.ToDictionary(static link => $"Mesh:Peers:{link.Key}:Redis", static link => $"127.0.0.1:{link.Value.Port}"),
            }));
        }

        await Task.WhenAll(_silos.Select(static silo => silo.WaitReady(ReturnDeadline)));
    }

    public async Task StartProxy(IReadOnlyList<string> services) => Proxy = await ProxyProcess.Ready(new ProxySettings
    {
        Name = $"{Name}-proxy",
        ControlPlane = _silos[0].Url,
        LogDirectory = _settings.LogDirectory,
        WarmUp = services,
        More = new Dictionary<string, string>
        {
            ["Mesh:Region"] = Name,
            ["Mesh:ControlPlane"] = string.Join(',', _silos.Select(static silo => silo.Url)),
        },
    });

    /// <summary>Waits until every silo is ready, and starts those that have ended again.</summary>
    public Task SilosReturn() => Task.WhenAll(_silos.Select(silo => Eventually.Holds(
        $"{silo.Process.Name} is back",
        async () =>
        {
            if (silo.Process.HasExited)
            {
                await silo.Start();
            }

            return await silo.IsReady();
        },
        ReturnDeadline)));

    public Task KillProxy()
    {
        IsProxyDown = true;
        ProxyKills++;
        return Proxy.Kill();
    }

    /// <summary>Starts the proxy again if it has ended, and waits until it is ready.</summary>
    public async Task ProxyReturns()
    {
        if (Proxy.Process.HasExited)
        {
            await Proxy.Start();
        }

        await Proxy.WaitReady(ReturnDeadline);
        IsProxyDown = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        foreach (var relay in _links.Values.Append(Store))
        {
            await relay.DisposeAsync();
        }

        Redis.Dispose();
        await Application.DisposeAsync();
    }
}
