using Mesh.Abstractions.Routing;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Filters;

/// <summary>A proxy with one service, <c>shop/web</c>, of one rule, <c>all</c>, whose filters each test chooses.</summary>
public abstract class FilterTestBase : IAsyncLifetime
{
    private ProxyHost _proxy = null!;

    private protected ProxyHost Proxy => _proxy;

    public async ValueTask InitializeAsync() => _proxy = await ProxyHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected void Serve(int port, params RouteFilter[] filters) =>
        _proxy.Serve("shop/web", Rules(Rule("all") with { Filters = filters }), At(port));

    private protected long CountOf(FilterAction action) =>
        _proxy.Table.GetOrAdd(new("shop", "web")).Model!.Rules[0].FilterCounters!.CountOf(action);
}
