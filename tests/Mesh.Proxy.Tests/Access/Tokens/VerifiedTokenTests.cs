using System.Text.Json;
using Mesh.Proxy.Access.Tokens;

namespace Mesh.Proxy.Tests.Access.Tokens;

public sealed class VerifiedTokenTests
{
    [Fact]
    public void Claims_are_named_as_rules_name_them()
    {
        using var payload = JsonDocument.Parse("""
            { "sub": "ann lee", "scope": "read write", "scp": ["a b"], "groups": ["x", 7, true, { "id": "hidden" }],
              "realm": { "roles": ["admin"] }, "none": null, "empty": [] }
            """);
        var token = new VerifiedToken(payload.RootElement);

        Assert.True(token.Has("sub", "ann lee"));
        Assert.False(token.Has("sub", "ann"));
        Assert.True(token.Has("scope", "read") && token.Has("scope", "write"));
        Assert.False(token.Has("scope", "read write"));
        Assert.True(token.Has("groups", "x") && token.Has("groups", "7") && token.Has("groups", "true"));
        Assert.True(token.Has("realm.roles", "admin"));
        Assert.False(token.Has("groups.id") || token.Has("none") || token.Has("empty") || token.Has("SUB"));
        Assert.Contains(new("scope", "write"), token.Claims);
    }
}
