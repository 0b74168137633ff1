using System.Globalization;
using CsCheck;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Regions;

/// <summary>Laws that hold of any history. CsCheck shrinks a failing one and prints its seed.</summary>
public class MergePropertyTests
{
    /// <summary>For each law: thousands in all. <c>MESH_TEST_HISTORIES</c> sets another number.</summary>
    private static readonly int Histories =
        int.TryParse(Environment.GetEnvironmentVariable("MESH_TEST_HISTORIES"), CultureInfo.InvariantCulture, out var histories) ? histories : 300;

    private static readonly Gen<List<(int Where, int What, int Which, int Other)>> Steps =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 18], Gen.Int[0, 7], Gen.Int[0, 99]).List[0, 60];

    /// <summary>From clocks that agree to clocks that are hours apart.</summary>
    private static readonly Gen<TimeSpan[]> Skews = Gen.Frequency(
        (1, Gen.Const(new TimeSpan[3])),
        (2, Gen.Int[-10_000, 10_000].Select(static value => TimeSpan.FromMilliseconds(value)).Array[3]),
        (2, Gen.Int[-600, 600].Select(static value => TimeSpan.FromMinutes(value)).Array[3]));

    private static readonly Gen<History> AnyHistory =
        Gen.Select(Steps, Skews, static (steps, skew) => History.Of(steps, skew, TimeSpan.FromSeconds(5)));

    [Fact]
    public void The_join_is_idempotent_commutative_and_associative() => Check(AnyHistory, static history =>
    {
        var (a, b, c) = (history.Regions[0].Record, history.Regions[1].Record, history.Regions[2].Record);
        Same(Join(a, a), a);
        Same(Join(Join(a, b), b), Join(a, b));
        Same(Join(a, b), Join(b, a));
        Same(Join(Join(a, b), c), Join(a, Join(b, c)));
    });

    [Fact]
    public void All_regions_end_up_with_the_same_spec_and_the_same_snapshot() => Check(AnyHistory, static history =>
    {
        Region.Settle(history.Regions);
        AssertEqual(history.Regions);
    });

    [Fact]
    public void Of_every_register_the_newest_write_holds() => Check(AnyHistory, static history =>
    {
        Region.Settle(history.Regions);

        var states = RecordRegisters.Of(history.Regions[0].Record);
        foreach (var (key, (at, json)) in history.Newest)
        {
            Assert.Equal((at, json), (states[key].Register.At, states[key].Json));
        }
    });

    [Fact]
    public void A_write_that_knows_all_others_holds_whatever_the_clocks_say() => Check(
        Gen.Select(AnyHistory, Gen.Int[0, 2]),
        static pair =>
        {
            var (history, last) = pair;
            Region.Settle(history.Regions);
            var spec = new ServiceSpec { Hosts = ["last.example"], Routes = [new RouteRule { Name = "z" }, new RouteRule { Name = "a" }] };
            history.Regions[last].Write(new PutSpec(spec));

            Region.Settle(history.Regions);

            Assert.All(history.Regions, region => Assert.True(MeshJson.Same(spec, region.Record.Spec)));
        });

    [Fact]
    public void No_clock_is_dragged_beyond_the_bound() => Check(AnyHistory, static history =>
    {
        Region.Settle(history.Regions);
        foreach (var region in history.Regions.Where(region => history.Latest.ContainsKey(region.Name)))
        {
            Assert.True(region.Record.Clock.ToDateTimeOffset() <= history.Latest[region.Name] + HybridClock.MaxDrift);
        }
    });

    [Fact]
    public void What_a_store_gives_back_is_what_the_registers_say() => Check(AnyHistory, static history =>
    {
        foreach (var record in history.Regions.Select(static region => region.Record))
        {
            Same(RecordRegisters.With(record, RecordRegisters.Of(record)), record);
            Assert.Equal(Join(record, record).ToSnapshot().Version, record.ToSnapshot().Version);
        }
    });

    [Fact]
    public void Regions_still_end_up_equal_when_deletions_are_collected_and_any_of_them_was_away() => Check(
        Gen.Select(Steps, Skews, static (steps, skew) => History.Of(steps, skew, TimeSpan.FromDays(2))),
        static history =>
        {
            Region.Settle(history.Regions);
            AssertEqual(history.Regions);
        });

    [Fact]
    public void A_region_that_loses_its_store_gets_everything_back() => Check(
        Gen.Select(AnyHistory, Gen.Int[0, 2], Gen.Bool),
        static triple =>
        {
            var (history, index, isRegisteredFirst) = triple;
            var regions = history.Regions;
            Region.Settle(regions);
            var before = regions[index].Record;
            regions[index].Restore();
            if (isRegisteredFirst && before.EndpointsOf(regions[index].Name) is [var endpoint, ..])
            {
                regions[index].Now += TimeSpan.FromHours(24);
                regions[index].Write(new PutEndpoint(endpoint.Id, Region.Instance("x").Endpoint, endpoint.Source));
            }

            Region.Settle(regions);

            AssertEqual(regions);
            Assert.True(MeshJson.Same(before.Spec, regions[index].Record.Spec));
            Assert.Equal(Ids(before), Ids(regions[index].Record));
        });

    [Fact]
    public void Digests_are_equal_exactly_when_there_is_no_news() => Check(AnyHistory, static history =>
    {
        var (a, b) = (history.Regions[0], history.Regions[1]);
        var isEqual = ServiceDigest.Of(a.Record) == ServiceDigest.Of(b.Record);
        var before = (Ids(a.Record), Spec(a.Record), Ids(b.Record), Spec(b.Record));
        Region.Settle(a, b);

        Assert.Equal(ServiceDigest.Of(a.Record), ServiceDigest.Of(b.Record));
        if (isEqual)
        {
            Assert.Equal(before, (Ids(a.Record), Spec(a.Record), Ids(b.Record), Spec(b.Record)));
        }
    });

    private static void Check<T>(Gen<T> gen, Action<T> check) => gen.Sample(check, iter: Histories, threads: 2);

    private static void AssertEqual(Region[] regions)
    {
        foreach (var region in regions)
        {
            Assert.Equal(Spec(regions[0].Record), Spec(region.Record));
            Assert.Equal(regions[0].SnapshotBytes(), region.SnapshotBytes());
            Assert.Equal(ServiceDigest.Of(regions[0].Record), ServiceDigest.Of(region.Record));
        }
    }

    private static ServiceRecord Join(ServiceRecord left, ServiceRecord right) => RecordJoin.Join(left, right).Record;

    private static void Same(ServiceRecord left, ServiceRecord right) => Assert.Equal(Shared(left), Shared(right));

    /// <summary>What all regions hold alike, as text.</summary>
    private static string Shared(ServiceRecord record) => Text(record with
    {
        Revision = 0, SpecRevision = 0, UpdatedAt = default, Clock = default,
    });

    private static string Spec(ServiceRecord record) => record.Spec is null ? "" : Text(record.Spec);

    private static string Ids(ServiceRecord record) => string.Join(' ', record.AllEndpoints().Select(static endpoint => $"{endpoint.Region}/{endpoint.Id}"));

    private static string Text<T>(T value) => System.Text.Encoding.UTF8.GetString(MeshJson.Encode(value));
}
