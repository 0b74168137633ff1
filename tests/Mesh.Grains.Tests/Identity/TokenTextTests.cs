using Mesh.Grains.Identity;

namespace Mesh.Grains.Tests.Identity;

public class TokenTextTests
{
    [Fact]
    public void A_token_is_read_as_it_was_made()
    {
        var (token, id, hash) = TokenText.Api.Make();

        Assert.True(TokenText.Api.TryParse(token, out var readId, out var readHash));
        Assert.Equal((id, hash), (readId, readHash));
        Assert.False(TokenText.Join.TryParse(token, out _, out _));
    }

    [Theory]
    [InlineData('.')]
    [InlineData('=')]
    [InlineData('+')]
    [InlineData('{')]
    [InlineData('\u00B0')]
    public void A_letter_that_no_token_has_is_refused(char letter)
    {
        var token = TokenText.Join.Make().Token;

        for (var at = token.Length - 43; at < token.Length; at++)
        {
            Assert.False(TokenText.Join.TryParse($"{token[..at]}{letter}{token[(at + 1)..]}", out _, out _));
        }
    }
}
