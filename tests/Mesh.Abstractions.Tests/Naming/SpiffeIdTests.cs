using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Tests.Naming;

public class SpiffeIdTests
{
    [Fact]
    public void Names_a_service_in_a_trust_domain()
    {
        var identity = SpiffeId.Of("mesh.local", new ServiceName("shop", "web"));

        Assert.Equal("spiffe://mesh.local/ns/shop/svc/web", identity);
        Assert.True(SpiffeId.IsValid(identity));
    }

    [Theory]
    [InlineData("mesh.local", true)]
    [InlineData("a_b-1", true)]
    [InlineData("", false)]
    [InlineData("Mesh", false)]
    [InlineData("a/b", false)]
    [InlineData("a:1", false)]
    public void Knows_trust_domains(string text, bool expected) => Assert.Equal(expected, SpiffeId.IsTrustDomain(text));

    [Theory]
    [InlineData("spiffe://a/b", true)]
    [InlineData("spiffe://a/B.c_d-e/f", true)]
    [InlineData("SPIFFE://a/b", false)]
    [InlineData("spiffe://a", false)]
    [InlineData("spiffe:///b", false)]
    [InlineData("spiffe://a/b/", false)]
    [InlineData("spiffe://a//b", false)]
    [InlineData("spiffe://a/./b", false)]
    [InlineData("spiffe://a/b?c", false)]
    [InlineData("https://a/b", false)]
    public void Knows_identities(string text, bool expected) => Assert.Equal(expected, SpiffeId.IsValid(text));
}
