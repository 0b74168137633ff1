using Mesh.Abstractions.Naming;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Telemetry;

namespace Mesh.Proxy.Tests.Routing;

public sealed class RuleModelTests
{
    [Theory]
    [InlineData(90, 10)]
    [InlineData(1, 1)]
    [InlineData(1_000_000, 0)]
    [InlineData(0, 3)]
    [InlineData(999_999, 1)]
    public void Splits_by_weight_within_two_percent(int first, int second)
    {
        const int Requests = 20_000;
        var rule = Rule(first, second);
        var random = new Random(7);

        var toFirst = Enumerable.Range(0, Requests).Count(_ => ReferenceEquals(rule.PickBackend(random), rule.Backends[0]));

        var share = (double)first / (first + second);
        Assert.InRange((double)toFirst / Requests, share - 0.02, share + 0.02);
        if (first == 0 || second == 0)
        {
            Assert.Equal(share * Requests, toFirst);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0, 0)]
    public void Has_nowhere_to_go_when_every_weight_is_zero(params int[] weights) =>
        Assert.Null(Rule(weights).PickBackend(new Random(7)));

    private static RuleModel Rule(params int[] weights) => new("rule", [.. weights.Select((weight, i) =>
        new BackendModel(new ServiceState(new ServiceName("shop", $"web-{i}"), 0), weight, new RequestStats()))]);
}
