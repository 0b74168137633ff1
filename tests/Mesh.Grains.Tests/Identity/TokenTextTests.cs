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

    [Fact]
    public void A_token_is_named_by_its_id_or_as_a_whole()
    {
        var (token, id, _) = TokenText.Api.Make();

        Assert.Equal(id, TokenText.Api.IdOf(id));
        Assert.Equal(id, TokenText.Api.IdOf(token));
        Assert.Equal(id, TokenText.Api.IdOf(token[..^5]));
        Assert.Null(TokenText.Join.IdOf(token));
        Assert.Null(TokenText.Api.IdOf($"mesh-api.{id}"));
        Assert.Null(TokenText.Api.IdOf("mesh-api."));
        Assert.Null(TokenText.Api.IdOf(""));
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
