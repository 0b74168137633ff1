using System.Net;
using Mesh.Abstractions.Connections;

namespace Mesh.Abstractions.Tests.Connections;

public class SourceNetworkTests
{
    [Theory]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("2001:db8:1:1::1", "2001:db8:1:1:ffff::1", true)]
    [InlineData("2001:db8:1:1::1", "2001:db8:1:2::1", false)]
    public void An_address_of_IPv4_and_a_network_of_IPv6_is_one_source(string left, string right, bool isSame) =>
        Assert.Equal(isSame, SourceNetwork.Of(IPAddress.Parse(left)) == SourceNetwork.Of(IPAddress.Parse(right)));
}
