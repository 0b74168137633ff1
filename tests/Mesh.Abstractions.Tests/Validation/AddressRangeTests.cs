using System.Net;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

public class AddressRangeTests
{
    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7/32")]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7/32")]
    [InlineData("fd00::1", "fd00::1/128")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("fd00::/8", "fd00::/8")]
    [InlineData("FD00:0::/8", "fd00::/8")]
    public void An_address_or_a_network_is_read(string text, string network)
    {
        Assert.True(AddressRange.TryParse(text, out var parsed));
        Assert.Equal(IPNetwork.Parse(network), parsed);
    }

    [Theory]
    [InlineData("012.0.0.1")]
    [InlineData("10.1")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.0/16")]
    [InlineData("0xa.0.0.0/8")]
    [InlineData("167772160/8")]
    [InlineData("10.0.0.0/010")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.1/8")]
    public void What_other_programs_read_as_another_network_is_refused(string text) =>
        Assert.False(AddressRange.TryParse(text, out _));

    [Theory]
    [InlineData("fe80::1%3")]
    [InlineData("fe80::1%0")]
    [InlineData("fe80::%3/64")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("10.0.0.0/33")]
    [InlineData("/8")]
    [InlineData("")]
    public void What_is_no_network_of_the_mesh_is_refused(string text) =>
        Assert.False(AddressRange.TryParse(text, out _));
}
