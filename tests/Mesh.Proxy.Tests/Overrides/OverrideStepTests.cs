using System.Net;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Tests.Hosting;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Overrides;

public sealed class OverrideStepTests : IAsyncLifetime
{
    private ProxyHost _proxy = null!;
    private Upstream _first = null!;
    private Upstream _second = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await ProxyHost.StartAsync();
        _first = await Upstream.StartAsync(context => context.Response.WriteAsync($"first {context.Request.Headers["baggage"]}"));
        _second = await Upstream.StartAsync(context => context.Response.WriteAsync($"second {context.Request.Headers["baggage"]}"));
        _proxy.Serve("shop/web", new ServiceSpec(), At(_first.Port));
        _proxy.Serve("shop/web-v2", new ServiceSpec(), At(_second.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Reroutes_one_request_and_tells_the_application_to_hand_it_on()
    {
        Allow("shop");

        Assert.Equal("second mesh-override=shop%2Fweb%3Dshop%2Fweb-v2", await Get("web", ("mesh-override", "web=web-v2")));
        Assert.Equal("first ", await Get("web"));
    }

    [Fact]
    public async Task Reroutes_by_what_an_earlier_hop_put_into_the_baggage()
    {
        Allow("shop");

        Assert.StartsWith("second user=7,", await Get("web", ("baggage", "user=7,mesh-override=shop%2Fweb%3Dshop%2Fweb-v2")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_nothing_at_all_unless_the_namespace_allows_it()
    {
        Assert.Equal("first ", await Get("web", ("mesh-override", "web=web-v2")));
        Assert.Equal("first ", await Get("web", ("mesh-override", "nonsense")));
    }

    [Fact]
    public async Task Malformed_overrides_are_a_mistake_of_the_caller()
    {
        Allow("shop");

        var response = await Send("web", ("mesh-override", "web"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("bad-override", response.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task Replaces_the_backend_that_a_rule_picks()
    {
        Allow("shop");
        _proxy.Serve("shop/front", Rules(new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "web" }] }));

        Assert.StartsWith("first", await Get("front"), StringComparison.Ordinal);
        Assert.StartsWith("second", await Get("front", ("mesh-override", "web=web-v2")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_stays_when_its_own_namespace_does_not_allow_it()
    {
        Allow("shop");
        _proxy.Serve("closed/web", new ServiceSpec(), At(_first.Port));
        _proxy.Serve("shop/front", Rules(new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "web", Namespace = "closed" }] }));

        Assert.StartsWith("first", await Get("front", ("mesh-override", "closed/web=shop/web-v2")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_gets_into_a_namespace_that_does_not_allow_it()
    {
        Allow("shop");
        _proxy.Serve("bank/ledger", new ServiceSpec(), At(_second.Port));
        _proxy.Serve("shop/front", Rules(new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "web" }] }));

        Assert.StartsWith("first", await Get("web", ("mesh-override", "web=bank/ledger")), StringComparison.Ordinal);
        Assert.StartsWith("first", await Get("front", ("mesh-override", "web=bank/ledger")), StringComparison.Ordinal);

        Allow("bank");
        Assert.StartsWith("second", await Get("web", ("mesh-override", "web=bank/ledger")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rules_of_the_service_that_steps_in_decide()
    {
        Allow("shop");
        _proxy.Serve("shop/lab", Rules(new RouteRule
        {
            Name = "all",
            Matches = [Prefix("/only")],
            BackendRefs = [new BackendRef { Name = "web-v2" }],
        }));

        Assert.StartsWith("second", await Get("web", ("mesh-override", "web=lab"), "/only"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Send("web", ("mesh-override", "web=lab"))).StatusCode);
    }

    [Fact]
    public async Task A_service_that_does_not_exist_is_said_to_and_is_not_remembered()
    {
        Allow("shop");

        var response = await Send("web", ("mesh-override", "web=nobody"));

        Assert.Equal("unknown-service", response.Headers.GetValues("mesh-error").Single());
        Assert.DoesNotContain(_proxy.Table.All, static service => service.Name.Name == "nobody");
    }

    [Fact]
    public async Task The_record_of_the_settings_is_no_service()
    {
        Allow("shop");

        Assert.Equal("unknown-service", (await Send("namespace-settings.shop", null)).Headers.GetValues("mesh-error").Single());
    }

    private void Allow(string space) =>
        _proxy.Serve($"{space}/{NamespaceSettings.RecordName}", new ServiceSpec { NamespaceSettings = new NamespaceSettings { AllowOverride = true } });

    private async Task<string> Get(string host, (string Name, string Value)? header = null, string path = "/") =>
        await (await Send(host, header, path)).Content.ReadAsStringAsync();

    private Task<HttpResponseMessage> Send(string host, (string Name, string Value)? header, string path = "/")
    {
        var request = _proxy.Request(HttpMethod.Get, host, path);
        if (header is var (name, value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _proxy.Http1.SendAsync(request);
    }
}
