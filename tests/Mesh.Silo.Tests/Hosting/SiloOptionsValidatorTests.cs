using Mesh.Abstractions.Connections;
using Mesh.Silo.Hosting;

namespace Mesh.Silo.Tests.Hosting;

public class SiloOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Errors(new SiloOptions()));

    [Theory]
    [InlineData("http://0.0.0.0:4180")]
    [InlineData("http://10.0.0.7:4180")]
    [InlineData("http://mesh.example:4180")]
    [InlineData("http://loopback:4180")]
    [InlineData("http://me@localhost:4180")]
    public void A_management_api_that_others_can_reach_is_refused_without_authentication(string url)
    {
        var error = Assert.Single(Errors(new SiloOptions { Api = { Url = url } }));

        Assert.Contains("set Mesh:Api:Auth:Mode to Required", error, StringComparison.Ordinal);
        Assert.Empty(Errors(new SiloOptions { Api = { Url = url, Auth = { Mode = SiloOptions.AccessMode.Required } } }));
    }

    [Fact]
    public void What_protects_the_management_api_has_to_be_whole()
    {
        Assert.Equal(2, Errors(new SiloOptions { Api = { Url = "https://127.0.0.1:4180" } }).Count(static error => error.StartsWith("Mesh:Api:Tls:", StringComparison.Ordinal)));
        Assert.Contains("write https://", Assert.Single(Errors(new SiloOptions { Api = { Tls = { Certificate = "a.pem" } } })), StringComparison.Ordinal);
        Assert.Contains("Audience is missing", Assert.Single(Errors(Jwt(static jwt => jwt.Authority = "https://login.example"))), StringComparison.Ordinal);
        Assert.Contains("Authority is missing", Assert.Single(Errors(Jwt(static jwt => jwt.Audience = "mesh"))), StringComparison.Ordinal);
        Assert.Empty(Errors(Jwt(static jwt => (jwt.MetadataAddress, jwt.Audience) = ("https://login.example/metadata", "mesh"))));
        Assert.Contains("Issuer is empty", Assert.Single(Errors(Jwt(static jwt => (jwt.Authority, jwt.Audience, jwt.Issuer) = ("https://login.example", "mesh", "")))), StringComparison.Ordinal);
        Assert.All(
            Errors(Jwt(static jwt => (jwt.Authority, jwt.Audience) = ("http://login.example", "mesh"))),
            static error => Assert.Contains("write an https:// address", error, StringComparison.Ordinal));
        var certificate = new SiloOptions { Api = { Auth = { Certificates = { ["ops"] = new() { Name = "", Namespaces = ["A b"] } } } } };
        Assert.Equal(3, Errors(certificate).Count);
    }

    [Theory]
    [InlineData("mesh.example", true)]
    [InlineData("10.0.0.7", true)]
    [InlineData("https://mesh.example", false)]
    [InlineData("mesh.example:4180", false)]
    [InlineData("", false)]
    public void Allowed_hosts_are_names(string host, bool isValid)
    {
        var errors = Errors(new SiloOptions { Api = { AllowedHosts = { host } } });

        Assert.Equal(isValid, errors.Count == 0);
        Assert.All(errors, static error => Assert.StartsWith("Mesh:Api:AllowedHosts has", error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secure_cookie_needs_sessions()
    {
        var options = new SiloOptions { Api = { Auth = { SecureCookie = true } } };
        Assert.StartsWith("Mesh:Api:Auth:SecureCookie can never apply", Assert.Single(Errors(options)), StringComparison.Ordinal);

        options.Api.Auth.Mode = SiloOptions.AccessMode.Required;
        Assert.Empty(Errors(options));
    }

    private static SiloOptions Jwt(Action<SiloOptions.JwtOptions> set)
    {
        var options = new SiloOptions();
        set(options.Api.Auth.Jwt);
        return options;
    }

    [Theory]
    [InlineData("http://127.0.0.1:4180")]
    [InlineData("http://localhost:4180")]
    [InlineData("http://[::1]:4180")]
    public void Loopback_in_any_form_is_fine(string url) => Assert.Empty(Errors(new SiloOptions { Api = { Url = url } }));

    [Fact]
    public void Every_mistake_is_named_by_its_key_at_once()
    {
        var options = new SiloOptions { Api = { Url = "nowhere" }, Silo = { Host = "0.0.0.0", Port = 0, GatewayPort = 70000 } };

        var errors = Errors(options);

        Assert.Equal(4, errors.Count);
        foreach (var key in (string[])["Mesh:Api:Url", "Mesh:Silo:Host", "Mesh:Silo:Port", "Mesh:Silo:GatewayPort"])
        {
            Assert.Contains(errors, error => error.StartsWith(key, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(100_001)]
    public void An_audit_log_of_a_length_that_helps_nobody_is_refused(int entries)
    {
        var error = Assert.Single(Errors(new SiloOptions { Api = { Audit = { MaxEntries = entries } } }));

        Assert.StartsWith($"Mesh:Api:Audit:MaxEntries is {entries}; it must be 100 to 100000.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Silo_and_gateway_need_ports_of_their_own() =>
        Assert.Single(Errors(new SiloOptions { Silo = { Port = 5000, GatewayPort = 5000 } }));

    [Fact]
    public void TLS_needs_all_files_or_none()
    {
        Assert.Empty(Errors(new SiloOptions { Silo = { Tls = { Mode = TlsMode.Required } } }));
        var errors = Errors(new SiloOptions { Silo = { Tls = { Mode = TlsMode.Required, Certificate = "nowhere.pem" } } });

        Assert.Equal(3, errors.Count);
        foreach (var key in (string[])["Mesh:Silo:Tls:Certificate", "Mesh:Silo:Tls:Key", "Mesh:Silo:Tls:Roots"])
        {
            Assert.Contains(errors, error => error.StartsWith(key, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    public void A_secret_that_can_be_guessed_is_refused_and_not_repeated(string secret)
    {
        var error = Assert.Single(Errors(new SiloOptions { Silo = { Secret = secret } }));

        Assert.StartsWith("Mesh:Silo:Secret is not 32 bytes", error, StringComparison.Ordinal);
    }

    private static List<string> Errors(SiloOptions options) => [.. new SiloOptionsValidator().Validate(null, options).Failures ?? []];
}
