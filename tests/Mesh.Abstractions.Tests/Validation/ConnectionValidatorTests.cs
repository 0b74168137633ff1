using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Traffic;
using Mesh.Abstractions.Validation;

namespace Mesh.Abstractions.Tests.Validation;

public sealed class ConnectionValidatorTests
{
    [Fact]
    public void A_policy_that_says_nothing_is_valid() => Assert.Empty(Check(new ConnectionPolicy()));

    [Theory]
    [InlineData(1, 10, 1_000, 1_000)]
    [InlineData(65_535, 60_000, 86_400_000, 86_400_000)]
    public void The_bounds_are_valid(int max, int connect, int idle, int life) => Assert.Empty(Check(Policy(max, connect, idle, life)));

    [Theory]
    [InlineData(0, 9, 999, 999)]
    [InlineData(65_536, 60_001, 86_400_001, 86_400_001)]
    [InlineData(-1, -1, 0, -5_000)]
    public void What_is_beyond_them_is_named(int max, int connect, int idle, int life) => Assert.Equal(
        ["$.traffic.connections.maxPerEndpoint", "$.traffic.connections.connectTimeout", "$.traffic.connections.idleTimeout", "$.traffic.connections.lifetime"],
        Check(Policy(max, connect, idle, life)));

    [Fact]
    public void A_service_of_bytes_may_have_a_rule_with_backends_only()
    {
        var rule = new RouteRule { Name = "all", BackendRefs = [new BackendRef { Name = "db" }] };
        var matching = rule with { Name = "some", Matches = [new RouteMatch { Method = "GET" }] };

        Assert.Empty(SpecValidator.Check(new ServiceSpec { Protocol = ServiceProtocol.Tcp, Routes = [rule] }));
        Assert.Equal("$.routes[0]", Assert.Single(SpecValidator.Check(new ServiceSpec { Protocol = ServiceProtocol.Tcp, Routes = [matching] })).Path);
        Assert.Equal("$.routes[1]", Assert.Single(SpecValidator.Check(new ServiceSpec { Protocol = ServiceProtocol.Tcp, Routes = [rule, rule with { Name = "other" }] })).Path);
        Assert.Empty(SpecValidator.Check(new ServiceSpec { Routes = [matching] }));
    }

    private static ConnectionPolicy Policy(int max, int connect, int idle, int life) => new()
    {
        MaxPerEndpoint = max,
        ConnectTimeout = TimeSpan.FromMilliseconds(connect),
        IdleTimeout = TimeSpan.FromMilliseconds(idle),
        Lifetime = TimeSpan.FromMilliseconds(life),
    };

    private static IEnumerable<string> Check(ConnectionPolicy policy) =>
        SpecValidator.Check(new ServiceSpec { Traffic = new TrafficPolicy { Connections = policy } }).Select(static error => error.Path);
}
