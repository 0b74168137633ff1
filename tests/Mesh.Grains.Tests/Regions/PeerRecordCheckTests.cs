using Mesh.Abstractions.Access;
using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Regions;

/// <summary>Records that a hostile or broken peer may hold.</summary>
public class PeerRecordCheckTests
{
    private readonly Region _eu = new("eu");
    private readonly Region _us = new("us");

    public PeerRecordCheckTests()
    {
        _eu.Write(new PutSpec(new ServiceSpec { Hosts = ["a.example"], Routes = [new() { Name = "a" }] }));
        _eu.Write(Region.Instance("one"));
    }

    [Fact]
    public void What_a_region_wrote_is_taken()
    {
        _us.Hear(_eu);

        Assert.Equal(["a"], _us.Rules);
    }

    public static TheoryData<string, Func<ServiceRecord, ServiceRecord>> Refused => new()
    {
        { "routes", static record => record with { Spec = record.Spec! with { Routes = [new RouteRule { Name = "NOT A NAME" }] } } },
        { "hosts", static record => record with { Spec = record.Spec! with { Hosts = ["http://x"] } } },
        { "namespaceSettings", static record => record with { Spec = record.Spec! with { NamespaceSettings = new() } } },
        { "access.rules[1].from.addresses[0]", static record => WithAccess(record, new() { Rules = [Rule(new()), Rule(new() { Addresses = ["10.0.0.300"] })] }) },
        { "access.rules[0].name", static record => WithAccess(record, new() { Rules = [Rule(new()) with { Name = "NOT A NAME" }] }) },
        { "access.rules[0].to.paths[0]", static record => WithAccess(record, new() { Rules = [Rule(null) with { To = new() { Paths = [new() { Type = PathMatchType.RegularExpression, Value = "(" }] } }] }) },
        { "access.jwt[0].jwks", static record => WithAccess(record, new() { Jwt = [new() { Issuer = "i", Jwks = "file:///etc/passwd" }] }) },
        { "access.external.url", static record => WithAccess(record, new() { External = new() { Url = "ftp://a" } }) },
        { "access.external.url", static record => WithAccess(record with { Remains = record.Spec, Spec = null }, new() { External = new() { Url = "ftp://a" } }) },
        { "host", static record => With(record, "eu", Instance(record) with { Host = "0.0.0.0" }) },
        { "region eu", static record => With(record, "eu", Instance(record) with { Region = "us" }) },
        { "region eu", static record => With(record, "eu", Instance(record) with { Id = ".." }) },
        { "region eu", static record => With(record, "eu", Instance(record), Instance(record)) },
        { "cannot be one", static record => With(record, "no such/region", Instance(record) with { Region = "no such/region" }) },
        { "no time or place", static record => Stamped(record, new Stamp(new HybridTime(253_402_300_799_999, int.MaxValue), "eu")) },
        { "no time or place", static record => Stamped(record, new Stamp(HybridTime.Of(Region.Start), "no such/region")) },
        { "none of this mesh", static record => record with { Sections = new Dictionary<string, EndpointSection> { ["eu"] = new(new HybridTime(253_402_300_799_999, 0), default) } } },
        { "years ahead", static record => record with { Clock = new HybridTime(253_402_300_799_999, 0) } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_no_region_can_have_written_is_refused_with_the_reason(string reason, Func<ServiceRecord, ServiceRecord> damage)
    {
        var exception = Assert.Throws<InvalidDataException>(() => _us.Hear(damage(_eu.Record), "eu"));

        Assert.Contains("from region eu is refused", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Null(_us.Record.Spec);
    }

    [Fact]
    public void A_clock_that_is_months_ahead_is_borne()
    {
        _eu.Now += TimeSpan.FromDays(200);
        _eu.Write(new PutRule(new RouteRule { Name = "b" }));

        _us.Hear(_eu);
        _us.Write(new DeleteRule("b"));
        _eu.Hear(_us);

        Assert.Equal(["a"], _eu.Rules);
    }

    /// <summary>Each wrote half of it; they have to end up with the same all the same.</summary>
    [Fact]
    public void What_only_the_whole_breaks_is_merged_and_shows_as_a_problem_of_the_spec()
    {
        _us.Hear(_eu);
        foreach (var region in new[] { _eu, _us })
        {
            region.Write(new PutSpec(new ServiceSpec
            {
                Routes = [.. Enumerable.Range(0, SpecLimits.Rules).Select(i => new RouteRule { Name = $"{region.Name}-{i}" })],
            }));
        }

        Region.Settle(_eu, _us);

        Assert.Equal(2 * SpecLimits.Rules, _us.Spec.Routes.Count);
        Assert.Equal(_eu.SnapshotBytes(), _us.SnapshotBytes());
        Assert.NotEmpty(SpecValidator.Check(_us.Spec));
    }

    /// <summary>One region took the issuer away while the other added a rule that needs it.</summary>
    [Fact]
    public void An_access_rule_that_lacks_the_issuer_of_its_claims_is_merged()
    {
        _us.Hear(WithAccess(_eu.Record, new() { Rules = [Rule(new() { Claims = [new() { Name = "sub" }] })] }), "eu");

        Assert.Contains("whose tokens are believed", Assert.Single(SpecValidator.Check(_us.Spec)).Message, StringComparison.Ordinal);
    }

    private static AccessRule Rule(AccessSource? source) => new()
    {
        Name = "a",
        Action = AccessAction.Deny,
        From = source is { Addresses.Count: 0, Claims.Count: 0 } ? new AccessSource { Namespaces = ["shop"] } : source,
    };

    private static ServiceRecord WithAccess(ServiceRecord record, AccessPolicy access) => record.Spec is null
        ? record with { Remains = record.Remains! with { Access = access } }
        : record with { Spec = record.Spec with { Access = access } };

    private static Endpoint Instance(ServiceRecord record) => record.EndpointsOf("eu")[0];

    private static ServiceRecord With(ServiceRecord record, string region, params Endpoint[] endpoints) =>
        record with { Endpoints = new Dictionary<string, IReadOnlyList<Endpoint>> { [region] = endpoints } };

    private static ServiceRecord Stamped(ServiceRecord record, Stamp stamp) => record with
    {
        Registers = new Dictionary<string, Register>(record.Registers) { ["routes/a"] = new() { At = stamp } },
    };
}
