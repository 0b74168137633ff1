using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;

namespace Mesh.Silo.Tests.Api.Access;

/// <summary>A proxy is shown with what it uses, and that may be of other namespaces.</summary>
public sealed class ProxyAccessTests(SecuredApiHost host) : IClassFixture<SecuredApiHost>
{
    [Fact]
    public async Task Why_a_service_was_rejected_is_told_to_who_may_read_it()
    {
        host.Directory.Proxies =
        [
            new ProxyView
            {
                Proxy = new ProxyInfo { Id = "web-1", Namespace = "shop", Version = "1" },
                Gateway = "S1",
                LastSeenAt = DateTimeOffset.UnixEpoch,
                Connected = true,
                Subscriptions = [Rejected("shop/cart"), Rejected("bank/vault")],
            },
        ];

        foreach (var path in (string[])["/v1/proxies", "/v1/proxies/web-1"])
        {
            var shown = (await host.As(await host.Token("viewer", "shop")).Get(path)).Text;
            Assert.Contains("a secret of shop/cart", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("a secret of bank/vault", shown, StringComparison.Ordinal);
            Assert.Contains("a secret of bank/vault", (await host.As(SecuredApiHost.Admin).Get(path)).Text, StringComparison.Ordinal);
        }
    }

    private static ProxySubscriptionView Rejected(string service) => new()
    {
        Service = ServiceName.Parse(service),
        CurrentRevision = 2,
        AppliedRevision = 1,
        Rejected = new RejectedSnapshot(2, $"a secret of {service}"),
    };
}
