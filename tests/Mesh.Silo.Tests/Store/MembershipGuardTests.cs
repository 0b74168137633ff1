using System.Net;
using Mesh.Silo.Store;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using StackExchange.Redis;

namespace Mesh.Silo.Tests.Store;

/// <summary>The membership table, in a store that loses it.</summary>
public sealed class MembershipGuardTests : IAsyncLifetime
{
    private static readonly RedisKey Table = MeshClustering.MembershipKey("local");
    private readonly List<MembershipGuard> _guards = [];
    private RedisServer _redis = null!;
    private StoreConnection _store = null!;

    private IDatabase Redis => _store.Multiplexer.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.Start();
        _store = await StoreConnection.OpenAsync(
            new StoreOptions { Redis = _redis.ConnectionString }, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        await Redis.HashSetAsync(Table, [new("Version", 7), new(Silo(1).ToString(), "one"), new(Silo(2).ToString(), "two")]);
    }

    public async ValueTask DisposeAsync()
    {
        _guards.ForEach(static guard => guard.Dispose());
        await _store.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task A_table_that_is_gone_is_put_back_at_a_version_nobody_has_seen()
    {
        var guard = await Guard(1);
        await _redis.Command("FLUSHALL");

        await guard.Look();

        Assert.Equal([("Version", "8"), (Silo(1).ToString(), "one"), (Silo(2).ToString(), "two")], await Rows());
    }

    [Fact]
    public async Task Only_the_first_silo_puts_it_back()
    {
        var (first, second) = (await Guard(1), await Guard(2));
        await _redis.Command("FLUSHALL");

        await first.Look();
        await second.Look();

        Assert.Contains(("Version", "8"), await Rows());
    }

    [Fact]
    public async Task A_table_that_went_back_gets_the_newer_rows()
    {
        var guard = await Guard(1);
        await Redis.HashSetAsync(Table, [new("Version", 3), new(Silo(1).ToString(), "joining")]);

        await guard.Look();

        Assert.Equal([("Version", "8"), (Silo(1).ToString(), "one"), (Silo(2).ToString(), "two")], await Rows());
    }

    [Fact]
    public async Task A_silo_that_the_other_did_not_remember_adds_itself()
    {
        var early = await Guard(1);
        await Redis.HashSetAsync(Table, [new("Version", 8), new(Silo(3).ToString(), "three")]);
        var late = await Guard(3);
        await _redis.Command("FLUSHALL");

        await early.Look();
        await late.Look();

        Assert.Equal([("Version", "10"), (Silo(1).ToString(), "one"), (Silo(2).ToString(), "two"), (Silo(3).ToString(), "three")], await Rows());
    }

    [Fact]
    public async Task A_table_that_goes_on_is_left_alone()
    {
        var guard = await Guard(1);
        await Redis.HashSetAsync(Table, [new("Version", 9), new(Silo(2).ToString(), "dead")]);
        await Redis.HashDeleteAsync(Table, Silo(2).ToString());

        await guard.Look();

        Assert.Equal([("Version", "9"), (Silo(1).ToString(), "one")], await Rows());
    }

    [Fact]
    public async Task While_the_store_is_away_nothing_is_forgotten()
    {
        var guard = await Guard(1);
        _redis.Kill();
        await guard.Look();
        await _redis.RestartEmpty();

        await Eventually.Holds("the table is back", async () =>
        {
            await guard.Look();
            return await Redis.HashExistsAsync(Table, Silo(1).ToString());
        });
    }

    private async Task<MembershipGuard> Guard(int silo)
    {
        var guard = new MembershipGuard(_store, new Details(Silo(silo)), TimeProvider.System, NullLogger<MembershipGuard>.Instance);
        _guards.Add(guard);
        await guard.Look();
        return guard;
    }

    private async Task<IEnumerable<(string, string)>> Rows() =>
        (await Redis.HashGetAllAsync(Table)).Select(static row => (row.Name.ToString(), row.Value.ToString())).OrderByDescending(static row => row.Item1 == "Version").ThenBy(static row => row.Item1, StringComparer.Ordinal);

    private static SiloAddress Silo(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, number), number);

    private sealed class Details(SiloAddress address) : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => address;

        public SiloAddress GatewayAddress => address;
    }
}
