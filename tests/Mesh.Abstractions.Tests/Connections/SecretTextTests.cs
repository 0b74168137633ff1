using Mesh.Abstractions.Connections;

namespace Mesh.Abstractions.Tests.Connections;

public class SecretTextTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("sécret", "sécret", true)]
    [InlineData("secret", "Secret", false)]
    [InlineData("secret", "secre", false)]
    [InlineData("secret", "", false)]
    public void Is_the_same_to_the_letter(string expected, string shown, bool isSame) => Assert.Equal(isSame, SecretText.IsSame(expected, shown));
}
