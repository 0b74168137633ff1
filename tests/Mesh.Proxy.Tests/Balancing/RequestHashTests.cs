using System.Net;
using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Tests.Balancing;

public sealed class RequestHashTests
{
    /// <summary>Reference values of XXH3: another version of the proxy must come to the same.</summary>
    [Theory]
    [InlineData("", 0x2D06800538D394C2)]
    [InlineData("a", 0xE6C632B61E964E1F)]
    [InlineData("abc", 0x78AF5F94892F3950)]
    public void Is_the_same_for_ever(string text, ulong expected) => Assert.Equal(expected, TextHash.Of(text));

    [Fact]
    public void A_long_text_is_hashed_as_a_short_one_is() =>
        Assert.Equal(TextHash.Of(System.Text.Encoding.UTF8.GetBytes(new string('é', 5_000))), TextHash.Of(new string('é', 5_000)));

    [Fact]
    public void Takes_a_header()
    {
        var hash = new RequestHash(new RequestKey { Header = "x-user" });

        Assert.Equal(TextHash.Of("anna"), hash.Of(Request(("X-User", "anna"))));
        Assert.Null(hash.Of(Request(("x-user", ""))));
        Assert.Null(hash.Of(Request()));
    }

    [Theory]
    [InlineData("sid=1", "1")]
    [InlineData("a=b; sid=1; sid=2", "1")]
    [InlineData("xsid=3;sid=1", "1")]
    [InlineData("sid=\"1\"", "1")]
    [InlineData("sid=", null)]
    [InlineData("SID=1", null)]
    [InlineData("; ;sid", null)]
    public void Takes_a_cookie(string header, string? expected) => Assert.Equal(
        expected is null ? null : TextHash.Of(expected), new RequestHash(new RequestKey { Cookie = "sid" }).Of(Request(("Cookie", header))));

    [Fact]
    public void Takes_the_source_address_in_either_form()
    {
        var hash = new RequestHash(new RequestKey { SourceAddress = true });
        var request = Request();
        Assert.Null(hash.Of(request));

        request.Connection.RemoteIpAddress = IPAddress.Parse("10.1.2.3");
        var plain = hash.Of(request);
        request.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:10.1.2.3");

        Assert.NotNull(plain);
        Assert.Equal(plain, hash.Of(request));
        request.Connection.RemoteIpAddress = IPAddress.Parse("10.1.2.4");
        Assert.NotEqual(plain, hash.Of(request));
    }

    [Fact]
    public void A_key_must_name_something() => Assert.Throws<ArgumentException>(() => new RequestHash(new RequestKey()));

    private static DefaultHttpContext Request(params (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return context;
    }
}
