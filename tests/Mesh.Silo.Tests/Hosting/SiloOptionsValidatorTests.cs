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

    [Fact]
    public void Silo_and_gateway_need_ports_of_their_own() =>
        Assert.Single(Errors(new SiloOptions { Silo = { Port = 5000, GatewayPort = 5000 } }));

    private static List<string> Errors(SiloOptions options) => [.. new SiloOptionsValidator().Validate(null, options).Failures ?? []];
}
