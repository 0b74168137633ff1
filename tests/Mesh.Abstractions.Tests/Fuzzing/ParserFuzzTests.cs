using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Tests.Validation;
using Mesh.Abstractions.Validation;
using Mesh.Testing.Identity;
using Mesh.Testing.Fuzzing;

namespace Mesh.Abstractions.Tests.Fuzzing;

/// <summary>Everything of this assembly that reads text or bytes from outside.</summary>
public class ParserFuzzTests
{
    private const int LongValue = 4000;

    private static readonly FuzzTarget[] Targets =
    [
        FuzzTarget.Text("durations", ["0s", "250ms", "1h30m", "99999h59m59s999ms", "10s5ms"], static text =>
        {
            var isAccepted = GatewayDuration.TryParse(text, out var duration);
            Assert.True(!isAccepted || (GatewayDuration.TryParse(GatewayDuration.Format(duration), out var again) && again == duration));
            return isAccepted;
        }),
        FuzzTarget.Text("service names", ["shop/web", "a/b", "shop-1/web-2"], static text =>
        {
            var isAccepted = ServiceName.TryParse(text, out var service);
            Assert.True(!isAccepted || service.ToString() == text);
            return isAccepted;
        }),
        FuzzTarget.Text("authorities", ["web", "web.shop:80", "web.shop.svc.cluster.local", "[::1]:8080", "10.0.0.1:1", "WEB."], static text =>
        {
            if (!Authority.TryParse(text, out var authority))
            {
                return false;
            }

            Assert.InRange(authority.Port, 0, 65535);
            Assert.InRange(authority.Host.Length, 1, 253);
            if (Authority.TryGetService(authority.Host.ToString(), "shop", out var service))
            {
                Assert.True(DnsLabel.IsValid(service.Namespace) && DnsLabel.IsValid(service.Name));
            }

            return true;
        }),
        FuzzTarget.Text("authorization", ["Bearer abc", "bearer  a.b.c "], static text => BearerToken.TryRead(text, out _)),
        FuzzTarget.Text("URIs", ["http://a.example:80/x?y", "spiffe://mesh.local/ns/shop/svc/web", "file:///x", "//a/b", "mailto:a@b"], static text =>
            AbsoluteUri.TryParse(text, out var uri) && uri.IsAbsoluteUri) with { MaxBytesPerByte = 512 },
        FuzzTarget.Text("DNS names", ["a", "web.shop.example", "a-b.c"], static text => DnsLabel.IsValidName(text)),
        FuzzTarget.Text("identities", ["spiffe://mesh.local/ns/shop/svc/web", "spiffe://a/ns/b/svc/c"], static text =>
        {
            if (SpiffeId.IsValid(text))
            {
                Assert.True(SpiffeId.IsTrustDomain(SpiffeId.TrustDomainOf(text)));
            }

            var isAccepted = SpiffeId.TryGetService(text, out var service);
            Assert.True(!isAccepted || SpiffeId.Of(SpiffeId.TrustDomainOf(text).ToString(), service) == text);
            return isAccepted;
        }),
        FuzzTarget.Text("peers' identities", ["spiffe://mesh.local/ns/shop/svc/web", "spiffe://mesh.local/mesh/silo"], static text =>
        {
            var isAccepted = PeerIdentity.TryParse(text, "mesh.local", out var identity);
            Assert.True(!isAccepted || text == (identity.Service is { } service ? SpiffeId.Of("mesh.local", service) : PeerIdentity.OfSilo("mesh.local")));
            return isAccepted;
        }),
        FuzzTarget.Text("address ranges", ["10.0.0.7", "10.0.0.0/8", "fd00::/8", "::1", "::ffff:10.0.0.7", "0.0.0.0/0"], static text =>
        {
            var isAccepted = AddressRange.TryParse(text, out var network);
            Assert.True(!isAccepted || (AddressRange.TryParse(network.ToString(), out var again) && again.Equals(network)));
            return isAccepted;
        }),
        FuzzTarget.Text("origins", ["https://shop.example", "http://*.shop.example:8080", "https://*", "http://[::1]:80"], static text =>
        {
            if (!CorsOrigin.TryParse(text, out var origin))
            {
                return false;
            }

            // Text of a wildcard is no origin that a browser sends, and is included in itself all the same.
            Assert.True(origin.Includes(text) || text.Contains('*', StringComparison.Ordinal));
            Assert.False(origin.Includes("https://other.invalid.") && !text.Contains('*', StringComparison.Ordinal));
            return true;
        }),
        FuzzTarget.Text("patterns", ["a+b", "(ab{3}){10}", "[^]a-z-[aeiou]]+", @"\p{Lu}\d{2,5}", "(a|b)*c?", "/v[0-9]+/.*"], static text =>
        {
            if (SpecPattern.Explain(text) is not null)
            {
                return false;
            }

            _ = SpecPattern.Compile(text).IsMatch(new string('a', LongValue));
            return true;
        }) with { MaxTime = TimeSpan.FromSeconds(1), MaxBytes = 64 << 20, MaxBytesPerByte = 64 << 10 },
        FuzzTarget.Text("signing requests", [SigningRequest.Create(ECDsa.Create(ECCurve.NamedCurves.nistP256))], static text =>
            SigningRequest.TryRead(text, out _, out var problem) != problem is not null) with { MaxBytes = 256 << 10 },
        FuzzTarget.Text("certificates", [TestPem()], static text =>
        {
            var isAccepted = Pem.TryReadCertificates(text, out var certificates);
            Assert.InRange(certificates?.Count ?? 1, 1, Pem.MaxCertificates);
            foreach (var certificate in certificates ?? [])
            {
                _ = IdentityCheck.ReadIdentity(certificate);
                certificate.Dispose();
            }

            return isAccepted;
        }) with { MaxBytes = 1 << 20 },
        new FuzzTarget("names in certificates", [X509Certificate2.CreateFromPem(TestPem()).RawData], static bytes =>
        {
            X509Certificate2 certificate;
            try
            {
                certificate = X509CertificateLoader.LoadCertificate(bytes);
            }
            catch (CryptographicException)
            {
                return false;
            }

            using (certificate)
            {
                Assert.True(IdentityCheck.ReadIdentity(certificate) is not { } identity || SpiffeId.IsValid(identity));
                _ = KeyRules.Explain(certificate.PublicKey);
                _ = IdentityCheck.IsIntermediate(certificate, [], [], DateTimeOffset.UnixEpoch);
            }

            return true;
        }) with { MaxBytes = 1 << 20 },
        new FuzzTarget("documents of people", [Encoding.UTF8.GetBytes(SampleSpecs.Complete), "{}"u8.ToArray()], static bytes =>
        {
            var errors = new SpecErrors();
            if (!StrictJson.TryParse(bytes, out var document, out _) || StrictJson.Read<ServiceSpec>(document, JsonPath.Root, errors) is not { } spec)
            {
                return false;
            }

            SpecValidator.Validate(spec, JsonPath.Root, errors);
            Assert.True(!errors.IsEmpty || MeshJson.Same(spec, MeshJson.Decode<ServiceSpec>(MeshJson.Encode(spec))));
            return errors.IsEmpty;
        }) with { MaxTime = TimeSpan.FromSeconds(1), MaxBytes = 64 << 20, MaxBytesPerByte = 1 << 10 },
        new FuzzTarget("snapshots", [MeshJson.Encode(Snapshot()), MeshJson.Encode(new ServiceSnapshot { Service = new ServiceName("shop", "web"), Revision = 7, Spec = null })], static bytes =>
        {
            ServiceSnapshot snapshot;
            try
            {
                snapshot = MeshJson.Decode<ServiceSnapshot>(bytes);
            }
            catch (JsonException)
            {
                return false;
            }

            Assert.True(MeshJson.Same(snapshot, MeshJson.Decode<ServiceSnapshot>(MeshJson.Encode(snapshot))));
            return true;
        }) with { MaxBytes = 1 << 20, MaxBytesPerByte = 1 << 10 },
    ];

    public static TheoryData<string> Names => [.. Targets.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_gets_a_parser_to_fail(string name) => Assert.True(Fuzz.Run(Targets.Single(target => target.Name == name)) > 0);

    private static string TestPem()
    {
        var now = TimeProvider.System.GetUtcNow();
        var authority = TestAuthority.Make(now);
        using var leaf = TestAuthority.Leaf(authority, now, "spiffe://mesh.local/ns/shop/svc/web");
        return $"{leaf.ExportCertificatePem()}\n{authority.Pem}";
    }

    private static ServiceSnapshot Snapshot() => new()
    {
        Service = new ServiceName("shop", "web"),
        Revision = 7,
        Spec = MeshJson.Decode<ServiceSpec>(Encoding.UTF8.GetBytes(SampleSpecs.Complete)),
    };
}
