using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Listeners;
using Mesh.Testing.Identity;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>Two proxies with identities of one authority: a caller's, and one in front of an application.</summary>
internal sealed class ProxyPair : IAsyncDisposable
{
    /// <summary>What the first proves to be, to begin with.</summary>
    public const string Caller = "spiffe://mesh.local/ns/shop/svc/caller";

    private readonly ServiceName _service;

    private ProxyPair(ServiceName service) => _service = service;

    public TestIssuer Issuer { get; } = new(TimeProvider.System.GetUtcNow());

    public ProxyIdentity Calling { get; } = new(isEnabled: true, TestIssuer.TrustDomain);

    public ProxyIdentity Called { get; } = new(isEnabled: true, TestIssuer.TrustDomain);

    public ProxyHost From { get; private set; } = null!;

    public ProxyHost To { get; private set; } = null!;

    /// <summary>What the second proves to be, to begin with.</summary>
    private string Identity => SpiffeId.Of(TestIssuer.TrustDomain, _service);

    public static async Task<ProxyPair> StartAsync(
        AppOptions app,
        string service = "shop/web",
        Func<DataPathOptions, DataPathOptions>? from = null,
        Func<DataPathOptions, DataPathOptions>? to = null)
    {
        var pair = new ProxyPair(ServiceName.Parse(service));
        pair.Hold(pair.Called, service);
        pair.Hold(pair.Calling, "shop/caller");
        pair.To = await pair.StartCalledAsync(app, to);
        pair.From = await ProxyHost.StartAsync(configure: options => (from?.Invoke(options) ?? options) with { Identity = pair.Calling });
        return pair;
    }

    /// <summary>Puts another in the place of the second.</summary>
    public async Task ReplaceCalledAsync(AppOptions app)
    {
        await To.DisposeAsync();
        To = await StartCalledAsync(app, configure: null);
    }

    /// <param name="issuer">Another authority.</param>
    public void Hold(ProxyIdentity identity, string service, TestIssuer? issuer = null)
    {
        var (issued, key) = (issuer ?? Issuer).Issue(service, TimeProvider.System.GetUtcNow());
        identity.Use(HeldIdentity.Create(issued, key), null);
    }

    /// <summary>Both know the service; unless said otherwise its endpoint is the second.</summary>
    public void Serve(ServiceSpec? spec = null, params Endpoint[] endpoints)
    {
        endpoints = endpoints.Length > 0 ? endpoints : [Snapshots.At(To.Addresses.Inbound!.Port) with { Identity = Identity }];
        From.Serve(_service.ToString(), spec ?? new ServiceSpec(), endpoints);
        To.Serve(_service.ToString(), spec ?? new ServiceSpec(), endpoints);
    }

    public async ValueTask DisposeAsync()
    {
        await From.DisposeAsync();
        await To.DisposeAsync();
    }

    private Task<ProxyHost> StartCalledAsync(AppOptions app, Func<DataPathOptions, DataPathOptions>? configure) => ProxyHost.StartAsync(
        app, configure: options => (configure?.Invoke(options) ?? options) with { Identity = Called, Service = _service });
}
