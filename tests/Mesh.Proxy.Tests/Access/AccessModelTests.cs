using System.Net;
using Mesh.Abstractions.Access;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Access;
using Mesh.Proxy.Identity;

namespace Mesh.Proxy.Tests.Access;

public class AccessModelTests
{
    private const string Cart = "spiffe://mesh.local/ns/shop/svc/cart";
    private const string Vault = "spiffe://mesh.local/ns/bank/svc/vault";

    private static readonly NamespaceSettings Silent = new();

    [Theory]
    [InlineData(null, null, true, true)]
    [InlineData(AccessDefault.Authenticated, null, false, true)]
    [InlineData(AccessDefault.Deny, null, false, false)]
    [InlineData(null, AccessDefault.Deny, false, false)]
    [InlineData(null, AccessDefault.Authenticated, false, true)]
    [InlineData(AccessDefault.Allow, AccessDefault.Deny, true, true)]
    public void Without_a_rule_the_default_decides(AccessDefault? own, AccessDefault? space, bool anybody, bool proved)
    {
        var model = new AccessModel(new AccessPolicy { Default = own });
        var settings = new NamespaceSettings { AccessDefault = space };

        Assert.Equal(anybody, model.Decide(Get("/"), settings).IsAllowed);
        Assert.Equal(proved, model.Decide(Get("/", Cart), settings).IsAllowed);
        Assert.Equal(anybody && proved, model.IsOpen(settings));
    }

    [Fact]
    public void Who_is_let_in_by_name_is_not_let_in_by_default()
    {
        var rule = Allow("cart") with { From = new AccessSource { Identities = [Cart] } };
        var model = Model(rule);

        Assert.Equal(new AccessDecision(IsAllowed: true, "cart"), model.Decide(Get("/", Cart), Silent));
        Assert.Contains("allow rules", model.Decide(Get("/", Vault), Silent).Reason, StringComparison.Ordinal);
        Assert.False(model.Decide(Get("/"), Silent).IsAllowed);
        Assert.True(new AccessModel(new AccessPolicy { Default = AccessDefault.Allow, Rules = [rule] }).Decide(Get("/"), Silent).IsAllowed);
    }

    [Fact]
    public void Deny_goes_before_allow()
    {
        var model = Model(
            Allow("bank") with { From = new AccessSource { Namespaces = ["bank"] } },
            Deny("vault") with { From = new AccessSource { Identities = [Vault] }, To = new AccessTarget { Methods = ["DELETE"] } });

        Assert.True(model.Decide(Get("/", Vault), Silent).IsAllowed);
        Assert.Equal("vault", model.Decide(Get("/", Vault) with { Method = "DELETE" }, Silent).Rule);
    }

    [Fact]
    public void An_identity_of_no_service_is_of_no_namespace()
    {
        var model = Model(Allow("shop") with { From = new AccessSource { Namespaces = ["shop"] } });

        Assert.True(model.Decide(Get("/", Cart), Silent).IsAllowed);
        Assert.False(model.Decide(Get("/", "spiffe://mesh.local/ns/shop/job/x"), Silent).IsAllowed);
        Assert.False(model.Decide(Get("/", "spiffe://mesh.local/mesh/silo"), Silent).IsAllowed);
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("11.0.0.1", false)]
    [InlineData("192.168.7.9", true)]
    [InlineData("192.168.7.8", false)]
    [InlineData("fd00::1", true)]
    [InlineData("fe00::1", false)]
    [InlineData("::10.1.2.3", false)]
    public void Addresses_are_of_networks(string address, bool isAllowed)
    {
        var model = Model(Allow("near") with { From = new AccessSource { Addresses = ["10.0.0.0/8", "192.168.7.9", "fd00::/8"] } });

        Assert.Equal(isAllowed, model.Decide(Get("/") with { Address = IPAddress.Parse(address) }, Silent).IsAllowed);
        Assert.False(model.Decide(Get("/") with { Address = null }, Silent).IsAllowed);
    }

    [Fact]
    public void All_of_IPv4_is_not_all_of_IPv6()
    {
        var four = Model(Allow("four") with { From = new AccessSource { Addresses = ["0.0.0.0/0"] } });
        var six = Model(Allow("six") with { From = new AccessSource { Addresses = ["::/0"] } });

        Assert.True(four.Decide(Get("/") with { Address = IPAddress.Loopback }, Silent).IsAllowed);
        Assert.False(four.Decide(Get("/") with { Address = IPAddress.IPv6Loopback }, Silent).IsAllowed);
        Assert.True(six.Decide(Get("/") with { Address = IPAddress.IPv6Loopback }, Silent).IsAllowed);
        Assert.False(six.Decide(Get("/") with { Address = IPAddress.Loopback }, Silent).IsAllowed);
    }

    [Fact]
    public void A_target_is_methods_and_paths()
    {
        var model = Model(Allow("read") with
        {
            To = new AccessTarget
            {
                Methods = ["GET", "HEAD"],
                Paths = [new PathMatch { Value = "/api" }, new PathMatch { Type = PathMatchType.RegularExpression, Value = "/v[0-9]+" }],
            },
        });

        Assert.True(model.Decide(Get("/api/x"), Silent).IsAllowed);
        Assert.True(model.Decide(Get("/v2"), Silent).IsAllowed);
        Assert.False(model.Decide(Get("/apis"), Silent).IsAllowed);
        Assert.False(model.Decide(Get("/v2/x"), Silent).IsAllowed);
        Assert.False(model.Decide(Get("/api") with { Method = "POST" }, Silent).IsAllowed);
        Assert.False(model.Decide(Get("/api") with { Method = null, Path = null }, Silent).IsAllowed);
    }

    [Fact]
    public void Every_part_of_a_source_must_hold()
    {
        var model = Model(Allow("admins") with
        {
            From = new AccessSource
            {
                Namespaces = ["shop"],
                Addresses = ["10.0.0.0/8"],
                Claims = [new ClaimMatch { Name = "groups", Values = ["admins", "owners"] }, new ClaimMatch { Name = "sub" }],
            },
        });
        var request = Get("/", Cart) with { Address = IPAddress.Parse("10.0.0.1"), Token = new FakeClaims(("groups", "owners"), ("sub", "alice")) };

        Assert.True(model.Decide(request, Silent).IsAllowed);
        Assert.False(model.Decide(request with { Token = null }, Silent).IsAllowed);
        Assert.False(model.Decide(request with { Token = new FakeClaims(("groups", "owners")) }, Silent).IsAllowed);
        Assert.False(model.Decide(request with { Token = new FakeClaims(("groups", "guests"), ("sub", "alice")) }, Silent).IsAllowed);
        Assert.False(model.Decide(request with { Address = IPAddress.Loopback }, Silent).IsAllowed);
        Assert.False(model.Decide(request with { Peer = null }, Silent).IsAllowed);
    }

    [Fact]
    public void Claims_alone_let_in()
    {
        var model = Model(
            Allow("alice") with { From = new AccessSource { Claims = [new ClaimMatch { Name = "sub", Values = ["alice"] }] } },
            Allow("known") with { From = new AccessSource { Claims = [new ClaimMatch { Name = "email" }] } });

        Assert.Equal("alice", model.Decide(Get("/") with { Token = new FakeClaims(("sub", "alice")) }, Silent).Rule);
        Assert.Equal("known", model.Decide(Get("/") with { Token = new FakeClaims(("sub", "bob"), ("email", "b@x")) }, Silent).Rule);
        Assert.False(model.Decide(Get("/") with { Token = new FakeClaims(("sub", "bob")) }, Silent).IsAllowed);
    }

    [Fact]
    public void Audit_lets_in_and_tells()
    {
        var rules = new AccessPolicy { Audit = true, Rules = [Deny("vault") with { From = new AccessSource { Identities = [Vault] } }] };
        var decision = new AccessModel(rules).Decide(Get("/", Vault), Silent);
        Assert.Equal((true, true, "vault"), (decision.IsAllowed, decision.IsAudited, decision.Rule));
        Assert.NotNull(decision.Reason);

        Assert.False(new AccessModel(rules with { Audit = false }).Decide(Get("/", Vault), new NamespaceSettings { AccessAudit = true }).IsAllowed);
        Assert.True(new AccessModel(rules with { Audit = null }).Decide(Get("/", Vault), new NamespaceSettings { AccessAudit = true }).IsAudited);
        Assert.False(new AccessModel(rules with { Audit = null }).Decide(Get("/", Vault), Silent).IsAllowed);
        Assert.False(new AccessModel(rules).Decide(Get("/", Cart), Silent).IsAudited);
    }

    [Fact]
    public void A_single_rule_can_be_tried_out()
    {
        var model = Model(Deny("new") with { Audit = true }, Deny("old") with { From = new AccessSource { Identities = [Vault] } });

        var tried = model.Decide(Get("/", Cart), Silent);
        Assert.Equal((true, true, "new"), (tried.IsAllowed, tried.IsAudited, tried.Rule));
        Assert.Equal("old", model.Decide(Get("/", Vault), Silent).Rule);
        Assert.False(model.Decide(Get("/", Vault), Silent).IsAllowed);
    }

    [Fact]
    public void What_cannot_be_used_is_refused() => Assert.Throws<ArgumentException>(
        () => Model(Allow("near") with { From = new AccessSource { Addresses = ["nowhere"] } }));

    private static AccessRule Allow(string name) => new() { Name = name, Action = AccessAction.Allow };

    private static AccessRule Deny(string name) => new() { Name = name, Action = AccessAction.Deny };

    private static AccessModel Model(params AccessRule[] rules) => new(new AccessPolicy { Rules = rules });

    private static AccessRequest Get(string path, string? identity = null) =>
        new(identity is null ? null : new CallingPeer(identity, ""), IPAddress.Loopback, "GET", path);
}
