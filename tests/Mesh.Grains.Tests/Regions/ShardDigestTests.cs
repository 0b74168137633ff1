using CsCheck;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Regions;

public class ShardDigestTests
{
    [Fact]
    public void Is_the_same_in_any_order_and_step_by_step()
    {
        Gen.ULong.Array[0, 30].Sample(
            numbers =>
            {
                var services = numbers.Distinct().Select(static number => new UInt128(number, number * 31)).ToList();
                var stepwise = services.Aggregate(default(ShardDigest), static (digest, service) => digest.Replace(UInt128.Zero, 7).Replace(7, service));
                var backwards = ShardDigest.Of(services.AsEnumerable().Reverse());
                return ShardDigest.Of(services) == backwards
                    && backwards == stepwise
                    && services.Aggregate(stepwise, static (digest, service) => digest.Replace(service, UInt128.Zero)) == default;
            },
            iter: 1000);
    }

    [Fact]
    public void A_service_counts_by_its_name_its_spec_its_endpoints_and_its_existence()
    {
        var region = new Region("eu");
        var seen = new HashSet<UInt128> { ServiceDigest.Of(region.Record) };
        Assert.Contains(UInt128.Zero, seen);
        foreach (var command in (ServiceCommand[])
            [new PutSpec(new ServiceSpec()), new PutRule(new RouteRule { Name = "a" }), Region.Instance("i"), new RemoveEndpoints(["i"]), new DeleteRule("a"), new DeleteService()])
        {
            region.Write(command);
            Assert.True(seen.Add(ServiceDigest.Of(region.Record)), command.ToString());
        }

        Assert.True(seen.Add(ServiceDigest.Of(region.Record with { Service = new ServiceName("shop", "other") })));
    }

    [Fact]
    public void What_a_region_does_in_its_own_time_does_not_count()
    {
        var region = new Region("eu");
        region.Write(new PutSpec(new ServiceSpec { Routes = [new() { Name = "a" }, new() { Name = "b" }] }));
        var record = region.Write(new DeleteRule("a")).Record;

        var later = Tombstones.Collect(record, region.Now.AddDays(1)) with { Revision = 9, UpdatedAt = default, Clock = default };

        Assert.NotEqual(record.Registers.Count, later.Registers.Count);
        Assert.Equal(ServiceDigest.Of(record), ServiceDigest.Of(later));
    }
}
