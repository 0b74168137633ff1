using Mesh.Grains.Storage;

namespace Mesh.Grains.Tests.Storage;

public class RedisRefusalTests
{
    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", "maxmemory")]
    [InlineData("READONLY You can't write against a read only replica.", "replica")]
    [InlineData("LOADING Redis is loading the dataset in memory", "just started")]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", "disk")]
    [InlineData("NOREPLICAS Not enough good replicas to write.", "min-replicas-to-write")]
    [InlineData("NOAUTH Authentication required.", "password")]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.", "password")]
    [InlineData("NOPERM User mesh has no permissions to run the 'eval' command", "ACL LOG")]
    public void Says_what_to_look_at(string error, string advice) =>
        Assert.Contains(advice, RedisRefusal.Advise(error), StringComparison.Ordinal);

    [Fact]
    public void Has_no_advice_for_what_it_does_not_know() => Assert.Equal("", RedisRefusal.Advise("ERR value is not an integer or out of range"));
}
