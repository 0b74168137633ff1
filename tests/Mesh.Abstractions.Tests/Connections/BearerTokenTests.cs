using Mesh.Abstractions.Connections;

namespace Mesh.Abstractions.Tests.Connections;

public class BearerTokenTests
{
    [Theory]
    [InlineData("Bearer abc", "abc")]
    [InlineData("bearer \t a.b.c ", "a.b.c")]
    [InlineData(" BEARER abc", "abc")]
    [InlineData("Bearer", "")]
    [InlineData("Bearer ", "")]
    [InlineData("Bearerabc", null)]
    [InlineData("Basic abc", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Is_what_follows_the_scheme(string? authorization, string? expected)
    {
        var isBearer = BearerToken.TryRead(authorization, out var token);

        Assert.Equal(expected is not null, isBearer);
        Assert.Equal(expected ?? "", token.ToString());
    }
}
