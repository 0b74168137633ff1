using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;

namespace Mesh.Silo.Tests.Api;

public class IdentityEndpointsTests(ApiHost api) : IClassFixture<ApiHost>
{
    private const string Certificates = "/v1/identity/certificates";

    [Fact]
    public async Task A_token_becomes_a_certificate_and_the_certificate_the_next_one()
    {
        using var key = NewKey();
        var first = await Issue(new CertificateAsk { Csr = SigningRequest.Create(key), Token = await Token() });
        Assert.Equal("spiffe://mesh.local/ns/shop/svc/web", first.Identity);

        using var next = NewKey();
        var csr = SigningRequest.Create(next);
        var second = await Issue(new CertificateAsk { Csr = csr, Renewal = RenewalProof.Create(first.Chain, key, csr) });

        Assert.Equal(first.Identity, second.Identity);
        using var certificate = X509Certificate2.CreateFromPem(second.Chain);
        Assert.Equal(next.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(second.Bundle, (string)(await api.Get("/v1/identity/bundle")).Json["bundle"]!);
    }

    [Fact]
    public async Task A_token_that_was_used_is_refused_and_says_so()
    {
        var token = await Token();
        using var key = NewKey();
        await Issue(new CertificateAsk { Csr = SigningRequest.Create(key), Token = token });

        using var thief = NewKey();
        await AssertRefused(HttpStatusCode.Forbidden, "proof-refused", "was used already", new CertificateAsk { Csr = SigningRequest.Create(thief), Token = token });
    }

    [Fact]
    public async Task A_request_that_is_refused_costs_no_token()
    {
        var token = await Token();
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "certificate-request", "csr", new CertificateAsk { Csr = "nothing", Token = token });
        using var key = NewKey();
        await Issue(new CertificateAsk { Csr = SigningRequest.Create(key), Token = token });
    }

    [Fact]
    public async Task A_renewal_needs_the_key_of_a_certificate_of_ours()
    {
        using var key = NewKey();
        var own = await Issue(new CertificateAsk { Csr = SigningRequest.Create(key), Token = await Token() });
        using var other = NewKey();
        var csr = SigningRequest.Create(other);

        // Somebody else's certificate, with one's own key; a signature of another request; one's own authority.
        await AssertRefused(
            HttpStatusCode.Forbidden, "proof-refused", "not signed by the key", new CertificateAsk { Csr = csr, Renewal = RenewalProof.Create(own.Chain, other, csr) });
        await AssertRefused(
            HttpStatusCode.Forbidden, "proof-refused", "not signed by the key", new CertificateAsk { Csr = csr, Renewal = RenewalProof.Create(own.Chain, key, csr + "\n") });
        await AssertRefused(
            HttpStatusCode.Forbidden, "proof-refused", "lead to a root", new CertificateAsk { Csr = csr, Renewal = RenewalProof.Create(SelfSigned(other), other, csr) });
        await AssertRefused(
            HttpStatusCode.UnprocessableEntity, "certificate-request", "renewal.chain", new CertificateAsk { Csr = csr, Renewal = RenewalProof.Create("none", key, csr) });
        await AssertRefused(
            HttpStatusCode.Forbidden,
            "proof-refused",
            "not signed by the key",
            new CertificateAsk { Csr = csr, Renewal = new RenewalProof { Chain = own.Chain, Signature = "no base64" } });
    }

    [Fact]
    public async Task Exactly_one_proof_is_taken()
    {
        using var key = NewKey();
        var csr = SigningRequest.Create(key);
        await AssertRefused(HttpStatusCode.UnprocessableEntity, "certificate-request", "exactly one", new CertificateAsk { Csr = csr });
        await AssertRefused(
            HttpStatusCode.UnprocessableEntity, "certificate-request", "exactly one", new CertificateAsk { Csr = csr, Token = "a", ServiceAccountToken = "b" });
        await AssertRefused(
            HttpStatusCode.Forbidden, "proof-not-supported", "Mesh:Identity:Kubernetes:Url", new CertificateAsk { Csr = csr, ServiceAccountToken = "b" });
    }

    [Fact]
    public async Task Bodies_are_bounded() =>
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await api.Post(Certificates, $$"""{"csr":"{{new string('A', 70_000)}}"}""")).Status);

    [Fact]
    public async Task Tokens_are_listed_without_their_secret_and_revoked()
    {
        var created = await api.Post("/v1/identity/tokens", """{"service":"shop/api","uses":3,"expiresIn":"10m"}""");
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal("no-store", created.Headers.CacheControl!.ToString());
        var (id, secret) = ((string)created.Json["id"]!, (string)created.Json["token"]!);

        var list = await api.Get("/v1/identity/tokens");
        Assert.Contains(id, list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Split('.')[2], list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", list.Text, StringComparison.OrdinalIgnoreCase);

        Assert.Equal(HttpStatusCode.NoContent, (await api.Delete($"/v1/identity/tokens/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Delete($"/v1/identity/tokens/{id}")).Status);
        using var key = NewKey();
        await AssertRefused(HttpStatusCode.Forbidden, "proof-refused", "not known", new CertificateAsk { Csr = SigningRequest.Create(key), Token = secret });
    }

    [Theory]
    [InlineData("""{"service":"shop"}""", "$.service")]
    [InlineData("""{"service":"shop/web","uses":0}""", "$.uses")]
    [InlineData("""{"service":"shop/web","uses":1001}""", "$.uses")]
    [InlineData("""{"service":"shop/web","expiresIn":"721h"}""", "$.expiresIn")]
    [InlineData("""{"service":"shop/web","secret":"mine"}""", "$.secret")]
    public async Task A_token_that_makes_no_sense_is_refused_by_its_field(string body, string path)
    {
        var answer = await api.Post("/v1/identity/tokens", body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.StartsWith(path, Assert.Single(answer.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_is_not_changed_sooner_than_proxies_can_learn_of_it()
    {
        var answer = await api.Post("/v1/identity/rotate", """{"after":"1m"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static string SelfSigned(ECDsa key)
    {
        var request = new CertificateRequest("CN=self", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://mesh.local/ns/shop/svc/web"));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        return certificate.ExportCertificatePem();
    }

    private async Task<string> Token() => (string)(await api.Post("/v1/identity/tokens", """{"service":"shop/web"}""")).Json["token"]!;

    private Task<ApiHost.Answer> Ask(CertificateAsk ask) => api.Post(Certificates, Encoding.UTF8.GetString(MeshJson.Encode(ask)));

    private async Task<IssuedCertificate> Issue(CertificateAsk ask)
    {
        var answer = await Ask(ask);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return MeshJson.Decode<IssuedCertificate>(Encoding.UTF8.GetBytes(answer.Text));
    }

    private async Task AssertRefused(HttpStatusCode status, string type, string detail, CertificateAsk ask)
    {
        var answer = await Ask(ask);
        Assert.Equal((status, $"urn:mesh:problem:{type}"), (answer.Status, (string)answer.Json["type"]!));
        Assert.Contains(detail, (string)answer.Json["detail"]!, StringComparison.Ordinal);
    }
}
