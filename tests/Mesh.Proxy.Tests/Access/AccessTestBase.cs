using System.Net;
using System.Net.WebSockets;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Proxy.Tests.Access;

/// <summary>Two proxies with an application behind the second, over real sockets.</summary>
public abstract class AccessTestBase : IAsyncLifetime
{
    private protected static readonly TimeProvider Time = TimeProvider.System;
    private protected static readonly AccessRule AllowCaller = new() { Name = "caller", Action = AccessAction.Allow, From = new AccessSource { Identities = [ProxyPair.Caller] } };
    private protected static readonly AccessRule DenyCaller = AllowCaller with { Action = AccessAction.Deny };

    private Upstream _app = null!;

    private protected ProxyPair Pair { get; private set; } = null!;

    private protected ProxyHost From => Pair.From;

    private protected ProxyHost To => Pair.To;

    public async ValueTask InitializeAsync()
    {
        _app = await Upstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(static context => context.WebSockets.IsWebSocketRequest ? WebSocketEcho.ServeAsync(context) : context.Response.WriteAsync("hello"));
            },
            ServiceProtocol.Http);
        Pair = await ProxyPair.StartAsync(App());
    }

    public async ValueTask DisposeAsync()
    {
        await Pair.DisposeAsync();
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected AppOptions App(ServiceProtocol protocol = ServiceProtocol.Http, bool requirePolicy = false) => new("127.0.0.1", _app.Port, protocol, requirePolicy);

    private protected void Serve(AccessPolicy? access) => Pair.Serve(new ServiceSpec { Access = access });

    private protected async Task<(HttpStatusCode Status, string Text)> Get(string path = "/")
    {
        using var answer = await From.GetAsync("web", path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Past the caller's proxy, as anybody could.</summary>
    private protected async Task<HttpResponseMessage> Plain()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, To.Addresses.Inbound) { Headers = { Host = "web" } };
        return await From.Http1.SendAsync(request);
    }
}
