using Mesh.Abstractions.Access;
using Mesh.Proxy.Access;

namespace Mesh.Proxy.Tests.Access;

public class AccessStatsTests
{
    [Fact]
    public void Rules_beyond_those_told_apart_are_counted_together()
    {
        var stats = new AccessStats();
        for (var i = 0; i < AccessStats.MostRules + 10; i++)
        {
            stats.CountDenied($"rule-{i}");
        }

        Assert.Equal(AccessStats.MostRules + 1, stats.Denied.Count());
        Assert.Contains(("(others)", 10), stats.Denied);
    }

    [Fact]
    public void Rules_that_are_no_more_are_forgotten_and_what_is_no_rule_stays()
    {
        var stats = new AccessStats();
        foreach (var rule in (string?[])[null, "old", "kept", "kept"])
        {
            stats.CountDenied(rule);
            stats.CountAudited(rule);
        }

        stats.Forget([new AccessRule { Name = "kept", Action = AccessAction.Deny }, new AccessRule { Name = "new", Action = AccessAction.Deny }]);

        Assert.Equal([("", 1), ("kept", 2)], stats.Denied);
        Assert.Equal([("", 1), ("kept", 2)], stats.Audited);
    }
}
