using System.Text;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

public class AccessValidatorTests
{
    [Theory]
    [InlineData("""{"rules":[{"name":"A","action":"allow"}]}""", ".rules[0].name", "is not a name")]
    [InlineData("""{"rules":[{"name":"a","action":"allow"},{"name":"a","action":"deny"}]}""", ".rules[1].name", "name of another rule")]
    [InlineData("""{"rules":[{"name":"a"}]}""", ".rules[0].action", "is required")]
    [InlineData("""{"rules":[{"name":"a","action":"ALLOW"}]}""", ".rules[0].action", "must be one of \"allow\", \"deny\"")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","audit":true}]}""", ".rules[0].audit", "for deny rules")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{}}]}""", ".rules[0].from", "names nobody")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","to":{}}]}""", ".rules[0].to", "names nothing")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"identities":["web"]}}]}""", ".rules[0].from.identities[0]", "not a SPIFFE ID")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"identities":["spiffe://mesh.local/ns/shop/*"]}}]}""", ".rules[0].from.identities[0]", "use \"namespaces\"")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"namespaces":["*"]}}]}""", ".rules[0].from.namespaces[0]", "not a namespace")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"addresses":["10.0.0.1/8"]}}]}""", ".rules[0].from.addresses[0]", "an IP address such as")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"addresses":["010.0.0.1"]}}]}""", ".rules[0].from.addresses[0]", "an IP address such as")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"addresses":["::ffff:10.0.0.0/104"]}}]}""", ".rules[0].from.addresses[0]", "an IP address such as")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","from":{"claims":[{"name":"sub"}]}}]}""", ".rules[0].from.claims", "whose tokens are believed")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","to":{"methods":["get"]}}]}""", ".rules[0].to.methods[0]", "in upper case")]
    [InlineData("""{"rules":[{"name":"a","action":"allow","to":{"paths":[{"value":"/a/../b"}]}}]}""", ".rules[0].to.paths[0].value", "'.' or '..'")]
    [InlineData("""{"jwt":[{"issuer":"i","jwks":"keys.json"}]}""", ".jwt[0].jwks", "starts with http")]
    [InlineData("""{"jwt":[{"issuer":"i","jwks":"https://me:secret@keys"}]}""", ".jwt[0].jwks", "must not contain a user")]
    [InlineData("""{"jwt":[{"issuer":"i","jwks":"https://a"},{"issuer":"i","jwks":"https://b"}]}""", ".jwt[1].issuer", "already")]
    [InlineData("""{"external":{"url":"ftp://a"}}""", ".external.url", "starts with http")]
    [InlineData("""{"external":{"url":"http://a","timeout":"11s"}}""", ".external.timeout", "from 1ms to 10s")]
    [InlineData("""{"external":{"url":"http://a","responseHeaders":["content-length"]}}""", ".external.responseHeaders[0]", "")]
    public void Says_what_is_wrong_and_where(string access, string path, string message)
    {
        var error = Assert.Single(Errors(access));
        Assert.Equal("$.access" + path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Accepts_all_of_it() => Assert.Empty(Errors(
        """
        { "default": "authenticated", "audit": true,
          "rules": [{ "name": "shop", "action": "allow", "from": { "identities": ["spiffe://mesh.local/ns/shop/svc/web"], "namespaces": ["shop"],
                      "addresses": ["10.0.0.0/8", "10.0.0.7", "fd00::/8", "::1", "::ffff:10.0.0.7"],
                      "claims": [{ "name": "groups", "values": ["admins"] }, { "name": "sub" }] },
                      "to": { "methods": ["GET", "POST"], "paths": [{ "value": "/api" }, { "type": "RegularExpression", "value": "/v[0-9]+/.*" }] } },
                    { "name": "all", "action": "deny", "audit": true }],
          "jwt": [{ "issuer": "https://issuer.example", "jwks": "https://issuer.example/keys", "audiences": ["web"] }],
          "external": { "url": "http://authz.example/check?x=1", "timeout": "10s", "failOpen": true, "responseHeaders": ["x-user"] } }
        """));

    private static IReadOnlyList<SpecError> Errors(string access)
    {
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes($$"""{"access":{{access}}}"""), out var document, out var syntax), syntax?.ToString());
        var errors = new SpecErrors();
        if (StrictJson.Read<ServiceSpec>(document, JsonPath.Root, errors) is { } spec)
        {
            SpecValidator.Validate(spec, JsonPath.Root, errors);
        }

        return errors.Items;
    }
}
