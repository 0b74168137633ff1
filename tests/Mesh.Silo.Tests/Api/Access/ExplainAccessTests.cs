using System.Text.Json.Nodes;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Traffic;

namespace Mesh.Silo.Tests.Api.Access;

/// <summary>A proxy of one's own namespace knows the services of others that it calls.</summary>
public sealed class ExplainAccessTests(SecuredApiHost host) : IClassFixture<SecuredApiHost>
{
    private static readonly ServiceName Shop = ServiceName.Parse("shop/web");
    private static readonly ServiceName Vault = ServiceName.Parse("bank/vault");

    [Fact]
    public async Task Of_a_service_of_another_namespace_only_its_name_is_shown()
    {
        var shown = await Explain(Explained(Vault, Vault), "shop");

        Assert.Equal("""{"proxy":"web-1","service":"bank/vault","overrides":["a=b"],"hidden":"bank/vault"}""", shown.ToJsonString());
    }

    [Fact]
    public async Task Where_such_a_services_rules_lead_is_not_shown_either()
    {
        var shown = await Explain(Explained(Vault, Shop), "shop");

        Assert.Null(shown["backend"]);
        Assert.Null(shown["endpoints"]);
    }

    [Fact]
    public async Task Of_a_backend_of_another_namespace_what_the_rule_says_is_shown_and_no_more()
    {
        var shown = await Explain(Explained(Shop, Vault), "shop");

        Assert.Equal(
            ["backend", "backends", "hidden", "limits", "overrides", "proxy", "revision", "rule", "rules", "service"],
            shown.AsObject().Select(static field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("""{"requestTimeout":"10s","tryTimeout":"2s","retries":2}""", shown["limits"]!.ToJsonString());
        Assert.Equal("bank/vault", (string)shown["hidden"]!);
    }

    [Theory]
    [InlineData("shop", "bank")]
    [InlineData("*")]
    public async Task Who_may_read_both_sees_everything(params string[] namespaces)
    {
        foreach (var (service, backend) in new[] { (Shop, Vault), (Vault, Shop), (Shop, Shop) })
        {
            var shown = await Explain(Explained(service, backend), namespaces);

            Assert.Null(shown["hidden"]);
            Assert.NotNull(shown["access"]);
            Assert.NotNull(shown["limits"]!["maxConcurrent"]);
            Assert.NotNull(shown["endpoints"]);
        }
    }

    private async Task<JsonNode> Explain(Explanation explanation, params string[] namespaces)
    {
        host.Directory.Explanation = explanation;
        return (await host.As(await host.Token("viewer", namespaces)).Post("/v1/explain", """{ "authority": "web" }""")).Json;
    }

    private static Explanation Explained(ServiceName service, ServiceName backend) => new()
    {
        Proxy = "web-1",
        Service = service,
        Revision = 7,
        Overrides = ["a=b"],
        Rules = [new RuleExplanation { Rule = "secret-rule", Match = 0, Matches = true }],
        Rule = "secret-rule",
        Backends = [new BackendExplanation { Service = backend, Weight = 1, Percent = 100 }],
        Backend = backend,
        Balancer = "peakEwma",
        IsPanic = true,
        Endpoints = [new EndpointExplanation { Id = "e1", Address = "10.0.0.1:80", Region = "local", Weight = 1, LatencyEstimateMs = 1, InFlight = 0 }],
        Endpoint = "e1",
        Limits = new LimitsExplanation
        {
            RequestTimeout = TimeSpan.FromSeconds(10),
            TryTimeout = TimeSpan.FromSeconds(2),
            Retries = 2,
            RetryBudget = 10,
            Concurrent = 1,
            MaxConcurrent = 100,
            Pending = 0,
            ServiceRateLimit = new RateLimit { Requests = 5 },
            ServiceRateLimitPart = 0.5,
        },
        Access = new AccessExplanation { Decision = "deny", Rule = "secret-access" },
        Error = "no-endpoints: no endpoint may get requests",
    };
}
