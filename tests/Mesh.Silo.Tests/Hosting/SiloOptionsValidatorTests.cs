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
    public void A_management_api_that_others_can_reach_is_refused_without_authentication(string url)
    {
        var error = Assert.Single(Errors(new SiloOptions { Api = { Url = url } }));

        Assert.Contains("authentication", error, StringComparison.Ordinal);
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
    public void Required_TLS_needs_a_certificate_and_the_secret()
    {
        var errors = Errors(new SiloOptions { Silo = { Tls = { Mode = TlsMode.Required } } });

        Assert.Equal(4, errors.Count);
        foreach (var key in (string[])["Mesh:Silo:Secret", "Mesh:Silo:Tls:Certificate", "Mesh:Silo:Tls:Key", "Mesh:Silo:Tls:Roots"])
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
