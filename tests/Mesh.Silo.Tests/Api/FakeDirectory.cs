using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.Regions;
using Mesh.Silo.Api;

namespace Mesh.Silo.Tests.Api;

/// <summary>What the API learns from the silo around it.</summary>
internal sealed class FakeDirectory : IProxyDirectory, IGatewayDirectory, IRegionDirectory, ISiloStatus
{
    public bool IsActive { get; set; } = true;

    public IReadOnlyList<ProxyView> Proxies { get; set; } =
    [
        new ProxyView
        {
            Proxy = new ProxyInfo { Id = "web-1", Namespace = "shop", Version = "1" },
            Gateway = "S1",
            LastSeenAt = DateTimeOffset.UnixEpoch,
            Connected = true,
            Subscriptions = [],
        },
    ];

    public GatewayList Current { get; set; } = new()
    {
        ClusterId = "c",
        ServiceId = "s",
        Region = "local",
        Gateways = [new GatewayEndpoint { Address = "127.0.0.1:30000", Generation = 1, Silo = "S1" }],
    };

    public Task<IReadOnlyList<ProxyView>> List(CancellationToken cancellationToken) => Task.FromResult(Proxies);

    public IReadOnlyList<RegionLinkView> Regions { get; set; } = [new RegionLinkView { Region = "us", State = RegionLinkState.Following }];

    public Task<IReadOnlyList<RegionLinkView>> List() => Task.FromResult(Regions);

    public ExplainRequest? Explained { get; private set; }

    /// <summary>What proxies answer, each in its own name.</summary>
    public Explanation Explanation { get; set; } = new() { Proxy = "", Rule = "all" };

    public Task<Explanation?> Explain(string proxyId, ExplainRequest request)
    {
        Explained = request;
        return Task.FromResult(proxyId == "mute" ? null : Explanation with { Proxy = proxyId });
    }

    public Task<ProxyView?> Find(string proxyId, CancellationToken cancellationToken) =>
        Task.FromResult(Proxies.FirstOrDefault(proxy => proxy.Proxy.Id == proxyId));
}
