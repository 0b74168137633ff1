using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using Mesh.Testing.Identity;
using static Mesh.Proxy.Tests.Regions.Reaches;

namespace Mesh.Proxy.Tests.Forwarding;

/// <summary>A region's gateway that has an identity, and callers that have none.</summary>
public sealed class GatewayIdentityTests : IAsyncLifetime
{
    private readonly TestIssuer _issuer = new(TimeProvider.System.GetUtcNow());
    private readonly ProxyIdentity _identity = new(isEnabled: true, TestIssuer.TrustDomain);
    private Upstream _application = null!;
    private ProxyHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _application = await Upstream.NamedAsync("us");
        var (issued, key) = _issuer.Issue("mesh/gateway", TimeProvider.System.GetUtcNow());
        _identity.Use(HeldIdentity.Create(issued, key), null);
        _gateway = await ProxyHost.StartAsync(configure: options => options with { IsGateway = true, Place = new ProxyPlace("us"), Identity = _identity });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _application.DisposeAsync();
    }

    [Fact]
    public async Task Who_proves_nothing_is_vouched_for_only_where_nobody_asks()
    {
        Assert.Equal(HttpStatusCode.OK, await CallAsync(new ServiceSpec()));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(new ServiceSpec { Mtls = MtlsMode.Strict }));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(new ServiceSpec { Access = new AccessPolicy { Default = AccessDefault.Authenticated } }));
        _gateway.Serve(NamespaceSettings.Of("shop").ToString(), new ServiceSpec { NamespaceSettings = new NamespaceSettings { AccessDefault = AccessDefault.Authenticated } });
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(new ServiceSpec()));
    }

    private async Task<HttpStatusCode> CallAsync(ServiceSpec spec)
    {
        _gateway.Serve("shop/web", spec, In("us", "a", _application.Port));
        using var request = new HttpRequestMessage(HttpMethod.Get, _gateway.Addresses.Inbound) { Headers = { { BackendHeader.Name, "shop/web" } } };
        using var answer = await _gateway.Http1.SendAsync(request);
        return answer.StatusCode;
    }
}
