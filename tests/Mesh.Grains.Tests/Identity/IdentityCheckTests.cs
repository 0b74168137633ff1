using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;
using Mesh.Testing.Identity;

namespace Mesh.Grains.Tests.Identity;

public class IdentityCheckTests
{
    private const string Web = "spiffe://mesh.local/ns/shop/svc/web";

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestAuthority _root = TestAuthority.Make(Now);

    [Fact]
    public void A_good_certificate_has_its_identity() => Assert.Equal(Web, Check(TestAuthority.Leaf(_root, Now, Web)));

    [Fact]
    public void Another_authority_is_not_believed() =>
        Assert.Contains("lead to a root", Check(TestAuthority.Leaf(TestAuthority.Make(Now), Now, Web)), StringComparison.Ordinal);

    [Fact]
    public void A_root_that_comes_with_the_certificate_is_not_believed()
    {
        var foreign = TestAuthority.Make(Now);
        Assert.Contains("lead to a root", Check(TestAuthority.Leaf(foreign, Now, Web), sent: foreign.Certificate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_signs_itself_is_not_believed() =>
        Assert.Contains("lead to a root", Check(TestAuthority.Leaf(null, Now, Web)), StringComparison.Ordinal);

    [Fact]
    public void A_certificate_cannot_be_an_authority_for_others()
    {
        var leaf = TestAuthority.Make(Now, _root, isAuthority: false);
        Assert.Contains("lead to a root", Check(TestAuthority.Leaf(leaf, Now, Web), sent: leaf.Certificate), StringComparison.Ordinal);
    }

    [Fact]
    public void Expired_and_early_certificates_are_refused_by_the_clock_that_is_given()
    {
        var leaf = TestAuthority.Leaf(_root, Now, Web);
        Assert.Contains("expired at 2026-03-01 13:00", Check(leaf, Now.AddHours(2)), StringComparison.Ordinal);
        Assert.Contains("compare the clocks", Check(leaf, Now.AddHours(-2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_trust_domain_is_refused() => Assert.Contains(
        "another trust domain", Check(TestAuthority.Leaf(_root, Now, "spiffe://other.example/ns/shop/svc/web")), StringComparison.Ordinal);

    [Fact]
    public void There_must_be_exactly_one_identity()
    {
        Assert.Contains("exactly one", Check(TestAuthority.Leaf(_root, Now, Web, "spiffe://mesh.local/ns/shop/svc/api")), StringComparison.Ordinal);
        Assert.Contains("exactly one", Check(TestAuthority.Leaf(_root, Now, "https://web.shop/")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_does_not_speak_for_itself() => Assert.NotEqual(Web, Check(TestAuthority.Make(Now, _root).Certificate));

    private string Check(X509Certificate2 leaf, DateTimeOffset? now = null, X509Certificate2? sent = null)
    {
        X509Certificate2Collection others = sent is null ? [] : [sent];
        return IdentityCheck.TryVerify(
            leaf, others, [_root.Certificate], isServer: true, "mesh.local", now ?? Now, out var identity, out var problem) ? identity : problem;
    }
}
