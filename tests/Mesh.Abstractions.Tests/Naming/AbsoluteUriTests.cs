using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Tests.Naming;

public class AbsoluteUriTests
{
    [Theory]
    [InlineData("http://a.example:80/x", true)]
    [InlineData("spiffe://mesh.local/ns/shop/svc/web", true)]
    [InlineData("http://[::1]:1", true)]
    [InlineData("x", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("//\u202A", false)]
    [InlineData("file://\u200E", false)]
    [InlineData("http://a\u202Eb.example", false)]
    public void Reads_what_is_absolute_and_shows_all_of_itself(string? text, bool isAccepted)
    {
        Assert.Equal(isAccepted, AbsoluteUri.TryParse(text, out var uri));
        Assert.Equal(isAccepted, uri is not null);
    }

    /// <summary>Every character that .NET takes out of a host must be among those that are refused.</summary>
    [Fact]
    public void No_character_vanishes_from_a_host()
    {
        for (var c = '\u0001'; c < '\uFFFF'; c++)
        {
            Assert.False(AbsoluteUri.TryParse($"http://a{c}b.example", out var uri) && uri.Host == "ab.example", $"U+{(int)c:X4}");
            _ = AbsoluteUri.TryParse($"//{c}", out _);
        }
    }
}
