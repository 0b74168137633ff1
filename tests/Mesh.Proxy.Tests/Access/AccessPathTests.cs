using Mesh.Proxy.Access;

namespace Mesh.Proxy.Tests.Access;

public class AccessPathTests
{
    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("/admin", "/admin")]
    [InlineData("/admin/", "/admin/")]
    [InlineData("//admin", "/admin")]
    [InlineData("/a//admin", "/a/admin")]
    [InlineData("/a/./admin", "/a/admin")]
    [InlineData("/a/../admin", "/admin")]
    [InlineData("/../../admin", "/admin")]
    [InlineData("/a\\..\\admin", "/admin")]
    [InlineData("/public%2f..%2fadmin", "/admin")]
    [InlineData("/public%5c..%5cadmin", "/admin")]
    [InlineData("/%61dmin", "/admin")]
    [InlineData("/%2561dmin", "/admin")]
    [InlineData("/public/%2e%2e/admin", "/admin")]
    [InlineData("/public/..", "/")]
    [InlineData("/100%", "/100%")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/a/...", "/a/...")]
    public void Every_spelling_of_a_path_is_one_path(string path, string normal) => Assert.Equal(normal, AccessPath.Read(path, out _));

    [Theory]
    [InlineData("/admin", null)]
    [InlineData("//a/./b", null)]
    [InlineData("/a/%62", "/a/%62")]
    [InlineData("/admin/%2e%2e/public", "/admin/%2e%2e/public")]
    [InlineData("/a/%252e%252e/b", "/a/%252e%252e/b,/a/%2e%2e/b")]
    [InlineData("/a%2fb", "/a%2fb")]
    public void Who_decodes_less_reads_another(string path, string? others)
    {
        AccessPath.Read(path, out var read);
        Assert.Equal(others, read is null ? null : string.Join(',', read));
    }
}
