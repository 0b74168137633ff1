using Mesh.Quickstart.Options;

namespace Mesh.Quickstart.Tests.Options;

public sealed class OptionsParserTests
{
    [Fact]
    public void Nothing_means_the_documented_ports()
    {
        var options = OptionsParser.Parse([]);

        Assert.Equal(new QuickstartOptions { ApiPort = 4180, SiloPort = 11111, GatewayPort = 30000, BasePort = 4140 }, options);
    }

    [Fact]
    public void Reads_every_option()
    {
        var options = OptionsParser.Parse(
        [
            "--api-port", "1", "--silo-port=2", "--gateway-port", "3", "--base-port=4", "--directory", "d", "--free-ports", "--keep", "--once", "--help",
        ]);

        var expected = new QuickstartOptions
        {
            ApiPort = 1, SiloPort = 2, GatewayPort = 3, BasePort = 4, Directory = "d", FreePorts = true, Keep = true, Once = true, Help = true,
        };
        Assert.Equal(expected, options);
    }

    [Theory]
    [InlineData("Unknown option --apiport", "--apiport", "1")]
    [InlineData("Unknown option web", "web")]
    [InlineData("--api-port needs a value", "--api-port")]
    [InlineData("--api-port must be a port from 1 to 65535, not \"0\"", "--api-port", "0")]
    [InlineData("--base-port must be a port from 1 to 65535, not \"65536\"", "--base-port=65536")]
    [InlineData("--silo-port must be a port from 1 to 65535, not \"-1\"", "--silo-port", "-1")]
    [InlineData("--once takes no value", "--once=yes")]
    public void Refuses_what_it_does_not_understand(string expected, params string[] arguments)
    {
        var problem = Assert.Throws<QuickstartException>(() => OptionsParser.Parse(arguments));

        Assert.StartsWith(expected, problem.Message, StringComparison.Ordinal);
    }
}
