using System.Net;
using System.Text;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Problems;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Silo.Tests.Api.Access;

public class IssuerKeysTests
{
    private const string Address = "https://login.example/.well-known/openid-configuration";

    [Theory]
    [InlineData("https://login.example/keys", true)]
    [InlineData("http://login.example/keys", false)]
    public async Task Metadata_by_https_may_not_name_keys_by_http(string keys, bool areTaken)
    {
        using var handler = new Issuer(keys);
        using var issuer = new IssuerKeys(Address, TimeProvider.System, NullLogger.Instance, handler);

        if (areTaken)
        {
            Assert.Single((await issuer.Get()).SigningKeys);
        }
        else
        {
            await Assert.ThrowsAsync<ApiException>(async () => await issuer.Get());
        }

        Assert.Equal(areTaken, handler.Asked.Contains(keys));
    }

    private sealed class Issuer(string keys) : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var address = request.RequestUri!.AbsoluteUri;
            Asked.Add(address);
            var text = address == Address
                ? $$"""{"issuer":"https://login.example","jwks_uri":"{{keys}}"}"""
                : """{"keys":[{"kty":"EC","crv":"P-256","kid":"one","use":"sig","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}""";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "application/json") });
        }
    }
}
