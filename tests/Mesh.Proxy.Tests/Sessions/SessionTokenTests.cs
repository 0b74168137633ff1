using Mesh.Proxy.Sessions;

namespace Mesh.Proxy.Tests.Sessions;

public sealed class SessionTokenTests
{
    [Fact]
    public void Comes_back_as_it_was()
    {
        var token = new SessionToken(ulong.MaxValue, 1, 1_234_567_890);

        Assert.True(SessionToken.TryParse(token.ToString(), out var read));
        Assert.Equal(token, read);
        Assert.Matches("^[A-Za-z0-9_-]+$", token.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("AQ")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Is_not_made_of_anything_else(string text) => Assert.False(SessionToken.TryParse(text, out _));

    [Fact]
    public void Random_text_is_never_taken_for_one()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => (char)random.Next(1, 0x300))]);
            Assert.False(SessionToken.TryParse(text, out _));
        }
    }
}
