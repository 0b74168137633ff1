using Mesh.Silo.Api.Audit;

namespace Mesh.Silo.Tests.Api.Audit;

public class AuditTextTests
{
    [Theory]
    [InlineData("token:ci", "token:ci")]
    [InlineData("CN=Zoë, O=Bücher 📚", "CN=Zoë, O=Bücher 📚")]
    [InlineData("a\nb", "a\\u000Ab")]
    [InlineData("a\r\n\t\0\u001b[31mb", "a\\u000D\\u000A\\u0009\\u0000\\u001B[31mb")]
    [InlineData("a\u0085b\u2028c\u2029d", "a\\u0085b\\u2028c\\u2029d")]
    [InlineData("admin\u202Enimda\u200B\uFEFF", "admin\\u202Enimda\\u200B\\uFEFF")]
    [InlineData("a\\u000Ab", "a\\u005Cu000Ab")]
    [InlineData("/v1/tokens/mesh-api.0123456789abcdef.c2VjcmV0", "/v1/tokens/mesh-api.0123456789abcdef.…")]
    [InlineData("/v1/identity/tokens/MESH-JOIN.0123456789abcdef.c2Vj.cmV0/x", "/v1/identity/tokens/MESH-JOIN.0123456789abcdef.…/x")]
    [InlineData("tokens/mesh-api.0123456789abcdef", "tokens/mesh-api.0123456789abcdef")]
    public void What_cannot_be_seen_is_written_out(string text, string clean) => Assert.Equal(clean, AuditText.Clean(text, 100));

    [Fact]
    public void Halves_of_surrogate_pairs_are_written_out() => Assert.Equal("a\\uFFFDb", AuditText.Clean("a\uD83Db", 100));

    [Theory]
    [InlineData("12345", "12345")]
    [InlineData("123456", "1234…")]
    [InlineData("1234\n", "1234…")]
    [InlineData("\n", "…")]
    [InlineData("123📚", "123📚")]
    [InlineData("1234📚", "1234…")]
    [InlineData("123📚4", "123…")]
    public void It_is_never_longer_than_it_may_be_and_never_cut_within_a_letter(string text, string clean)
    {
        Assert.Equal(clean, AuditText.Clean(text, 5));
        Assert.True(clean.Length <= 5);
    }
}
