using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;

namespace Mesh.Grains.Tests.Storage;

public class RedisKeysTests
{
    [Theory]
    [InlineData("shop/web", 12)]
    [InlineData("default/api", 8)]
    [InlineData("a/b", 15)]
    public void Shards_never_move(string service, int shard) =>
        Assert.Equal(shard, RedisKeys.ShardOf(ServiceName.Parse(service)));

    [Fact]
    public void Spreads_services_over_all_shards()
    {
        var counts = Enumerable.Range(0, 1_600)
            .CountBy(i => RedisKeys.ShardOf(new ServiceName("shop", $"web-{i}")))
            .ToDictionary();

        Assert.Equal(RedisKeys.Shards, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 50, 150));
    }

    [Fact]
    public void Gives_a_service_and_its_shard_one_hash_tag()
    {
        var keys = new RedisKeys("eu");
        var service = ServiceName.Parse("shop/web");
        var shard = RedisKeys.ShardOf(service);

        Assert.Equal($"mesh:{{eu:{shard}}}:service:shop/web", keys.Service(service).ToString());
        Assert.All(
            [keys.Service(service), keys.Revisions(service), keys.Catalog(shard), keys.Log(shard), keys.Sequence(shard)],
            key => Assert.StartsWith($"mesh:{{eu:{shard}}}:", key.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Keeps_the_audit_log_in_one_slot_and_away_from_what_peers_may_read()
    {
        var keys = new RedisKeys("eu", "other");

        Assert.Equal("other:eu:audit:{eu:audit}:accepted", keys.Audit(AuditList.Accepted).ToString());
        Assert.Equal("other:eu:audit:{eu:audit}:refused", keys.Audit(AuditList.Refused).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("eu}")]
    [InlineData("EU")]
    public void Refuses_a_region_that_is_not_a_label(string region) =>
        Assert.Throws<ArgumentException>(() => new RedisKeys(region));
}
