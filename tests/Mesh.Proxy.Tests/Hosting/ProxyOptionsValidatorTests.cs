using Mesh.Proxy.Hosting;

namespace Mesh.Proxy.Tests.Hosting;

public class ProxyOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Errors(new ProxyOptions()));

    [Fact]
    public void A_sidecar_is_valid() => Assert.Empty(Errors(Sidecar()));

    [Fact]
    public void Every_mistake_is_named_by_its_key_at_once()
    {
        var options = new ProxyOptions { ControlPlane = "nowhere", Namespace = "A_B", Region = "", Zone = "-", TrustDomain = "Mesh Local" };
        options.Outbound.Url = "https://127.0.0.1:1";
        options.Inbound.Url = "http://name.example:1";
        options.Admin.Url = "http://127.0.0.1:1/path";
        options.WarmUp.Add("shop/web");
        options.WarmUp.Add("web");
        options.App.Service = "web";

        var errors = Errors(options);

        foreach (var key in (string[])
            ["Mesh:ControlPlane", "Mesh:Namespace", "Mesh:Region", "Mesh:Zone", "Mesh:TrustDomain", "Mesh:Outbound:Url", "Mesh:Inbound:Url", "Mesh:Admin:Url", "Mesh:WarmUp:1", "Mesh:App:Service", "Mesh:App:Port"])
        {
            Assert.Contains(errors, error => error.StartsWith(key, StringComparison.Ordinal));
        }

        Assert.Equal(11, errors.Count);
    }

    [Theory]
    [InlineData("http://0.0.0.0:4191", 1)]
    [InlineData("http://localhost:4191", 0)]
    [InlineData("http://[::1]:4191", 0)]
    public void An_admin_port_that_others_can_reach_needs_a_token(string url, int errors)
    {
        var options = new ProxyOptions();
        options.Admin.Url = url;

        Assert.Equal(errors, Errors(options).Count(static error => error.StartsWith("Mesh:Admin:Url", StringComparison.Ordinal)));
    }

    [Fact]
    public void Ports_of_services_and_certificates_are_checked_too()
    {
        var options = Sidecar();
        options.Tcp.Add(new TcpOptions { Service = "db/postgres", Url = "tcp://127.0.0.1:5432" });
        Assert.Empty(Errors(options));
        Assert.Equal(["db/postgres"], options.EffectiveWarmUp.Select(static service => service.ToString()));

        options.Tcp.Add(new TcpOptions { Service = "postgres", Url = "http://127.0.0.1:5432" });
        options.Tcp.Add(new TcpOptions { Service = "db/postgres", Url = "tcp://db.example:5432" });
        options.Outbound.Certificate.Path = "/nowhere/cert.pem";
        options.Inbound.Certificate.KeyPath = "/nowhere/key.pem";
        options.Admin.Certificate.Path = "/nowhere/cert.pem";

        Assert.Equal(
            [
                "Mesh:Outbound:Certificate:Path", "Mesh:Inbound:Certificate:Path", "Mesh:Inbound:Certificate:KeyPath", "Mesh:Admin:Certificate",
                "Mesh:Tcp:1:Service", "Mesh:Tcp:1:Url", "Mesh:Tcp:2:Url",
            ],
            Errors(options).Select(static error => error.Split(' ')[0]));
    }

    [Theory]
    [InlineData("http://127.0.0.1:4191", null, null)]
    [InlineData("http://127.0.0.1:4191", "/run/token", null)]
    [InlineData("http://127.0.0.1:4191", "", "Mesh:Admin:TokenFile")]
    [InlineData("http://10.0.0.7:4191", "/run/token", null)]
    [InlineData("http://10.0.0.7:4191", null, "Mesh:Admin:Url")]
    [InlineData("http://10.0.0.7:4191", "", "Mesh:Admin:TokenFile")]
    [InlineData("http://10.0.0.7:4191", " ", "Mesh:Admin:TokenFile")]
    public void An_admin_port_that_other_machines_reach_needs_a_token_and_an_empty_name_of_its_file_is_none(string url, string? file, string? key) =>
        Assert.Equal(key, Errors(new ProxyOptions { Admin = { Url = url, TokenFile = file } }).SingleOrDefault()?.Split(' ')[0]);

    [Fact]
    public void An_inbound_listener_on_every_address_needs_one_to_announce()
    {
        var options = Sidecar();
        options.Inbound.Url = "http://0.0.0.0:4143";
        Assert.Contains("Mesh:App:AdvertisedHost", Assert.Single(Errors(options)), StringComparison.Ordinal);

        options.App.AdvertisedHost = "10.0.0.7";
        Assert.Empty(Errors(options));
    }

    [Fact]
    public void A_gateway_stands_beside_no_application_and_has_to_be_found()
    {
        var options = new ProxyOptions { Mode = ProxyMode.Gateway, Gateway = { AdvertisedHost = "gw.example", AdvertisedPort = 443 } };
        Assert.Empty(Errors(options));
        Assert.Empty(Errors(new ProxyOptions { Mode = ProxyMode.Gateway }));
        Assert.Empty(Errors(new ProxyOptions { Mode = ProxyMode.Host }));

        options.Gateway.AdvertisedPort = 0;
        options.Gateway.Weight = -1;
        options.App.Service = "shop/web";
        options.App.Port = 8080;
        Assert.Equal(
            ["Mesh:App", "Mesh:Gateway:AdvertisedPort", "Mesh:Gateway:Weight"], Errors(options).Select(static error => error.Split(' ')[0]).Order());

        options = new ProxyOptions { Mode = ProxyMode.Gateway, Inbound = { Url = "http://0.0.0.0:4143" } };
        Assert.Contains("Mesh:Gateway:AdvertisedHost", Assert.Single(Errors(options)), StringComparison.Ordinal);
        Assert.Contains("Mesh:Mode=Gateway", Assert.Single(Errors(new ProxyOptions { Gateway = { AdvertisedHost = "gw.example" } })), StringComparison.Ordinal);
        Assert.Contains("mesh/gateway", Assert.Single(Errors(new ProxyOptions { App = { Service = "mesh/gateway", Port = 1 } })), StringComparison.Ordinal);
        Assert.Contains("Mesh:App", Assert.Single(Errors(new ProxyOptions { Mode = ProxyMode.Host, App = { Service = "shop/web", Port = 1 } })), StringComparison.Ordinal);
        Assert.Contains("Mesh:Mode", Assert.Single(Errors(new ProxyOptions { Mode = (ProxyMode)7 })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "default")]
    [InlineData(null, "shop/web", "shop")]
    [InlineData("other", "shop/web", "other")]
    public void The_namespace_is_the_applications_unless_set(string? set, string? service, string expected) =>
        Assert.Equal(expected, new ProxyOptions { Namespace = set, App = { Service = service } }.EffectiveNamespace);

    [Theory]
    [InlineData(null, null, null, "default")]
    [InlineData("shop/web", null, "spiffe://mesh.local/ns/shop/svc/web", "shop")]
    [InlineData("shop/web", "other", "spiffe://mesh.local/ns/shop/svc/web", "other")]
    public void The_caller_is_the_application(string? service, string? space, string? identity, string expected) =>
        Assert.Equal((identity, expected), Of(new ProxyOptions { Namespace = space, App = { Service = service } }));

    [Fact]
    public void The_callers_identity_is_of_the_trust_domain() =>
        Assert.Equal("spiffe://prod.example/ns/shop/svc/web", Of(new ProxyOptions { TrustDomain = "prod.example", App = { Service = "shop/web" } }).Identity);

    private static (string? Identity, string Namespace) Of(ProxyOptions options) => (options.Caller.Identity, options.Caller.Namespace);

    private static ProxyOptions Sidecar() => new() { App = { Service = "shop/web", Port = 8080 } };

    private static List<string> Errors(ProxyOptions options) =>
        [.. new ProxyOptionsValidator().Validate(null, options).Failures ?? []];
}
