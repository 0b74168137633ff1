using Mesh.Abstractions.Regions;
using Mesh.Silo.Store;
using Microsoft.Extensions.Configuration;

namespace Mesh.Silo.Tests.Store;

public class StoreOptionsTests
{
    [Fact]
    public void Has_defaults_that_need_no_configuration()
    {
        var options = Read();

        Assert.Null(options.Redis);
        Assert.Equal("local", options.Region);
        Assert.EndsWith(Path.Combine("mesh", "silo"), options.DataDirectory, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_the_keys_of_the_Mesh_section()
    {
        var options = Read(("Mesh:Redis", "redis.example:6379,ssl=true"), ("Mesh:DataDirectory", "/var/lib/mesh"), ("Mesh:Region", "eu-1"));

        Assert.Equal("redis.example:6379,ssl=true", options.Redis);
        Assert.Equal("/var/lib/mesh", options.DataDirectory);
        Assert.Equal("eu-1", options.Region);
    }

    [Fact]
    public void Reads_how_a_peer_is_followed_and_reached()
    {
        var options = Read(
            ("Mesh:Peers:us:Redis", "us.example"), ("Mesh:Peers:us:StaleAfter", "00:01:00"), ("Mesh:Peers:us:Via", "Gateway"), ("Mesh:Peers:ap:Redis", "ap.example"));

        Assert.Equal((TimeSpan.FromMinutes(1), RegionVia.Gateway), (options.Peers["us"].StaleAfter, options.Peers["us"].Via));
        Assert.Equal((TimeSpan.FromSeconds(30), RegionVia.Direct), (options.Peers["ap"].StaleAfter, options.Peers["ap"].Via));
    }

    [Theory]
    [InlineData("StaleAfter", "00:00:01")]
    [InlineData("StaleAfter", "-00:00:30")]
    [InlineData("StaleAfter", "2.00:00:00")]
    [InlineData("StaleAfter", "soon")]
    [InlineData("Via", "Tunnel")]
    [InlineData("Via", "7")]
    public void Refuses_what_a_peer_cannot_be_and_names_the_key(string setting, string value)
    {
        var key = $"Mesh:Peers:us:{setting}";
        var exception = Assert.Throws<StoreStartException>(() => Read(("Mesh:Peers:us:Redis", "us.example"), (key, value)));

        Assert.Contains(key, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mesh:Region", "EU")]
    [InlineData("Mesh:Region", "")]
    [InlineData("Mesh:Region", "eu}:x")]
    [InlineData("Mesh:Redis", "redis.example,nonsense=1")]
    [InlineData("Mesh:Redis", ",ssl=true")]
    [InlineData("Mesh:DataDirectory", "")]
    public void Refuses_what_cannot_work_and_names_the_key(string key, string value)
    {
        var exception = Assert.Throws<StoreStartException>(() => Read((key, value)));

        Assert.Contains(key, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_all_mistakes_at_once()
    {
        var exception = Assert.Throws<StoreStartException>(() => Read(("Mesh:Region", "EU"), ("Mesh:Redis", "a,b=c")));

        Assert.Contains("Mesh:Region", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Redis", exception.Message, StringComparison.Ordinal);
    }

    private static StoreOptions Read(params (string Key, string Value)[] settings) => StoreOptions.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build());
}
