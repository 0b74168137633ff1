using System.Globalization;
using Mesh.Abstractions.Grains;
using Mesh.Grains.Storage;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>
/// Keeps Orleans' membership table from getting lost. When the store is emptied, or fails over to an older copy, running
/// silos go on with the table they remember, but nobody can be admitted or evicted any more, and a silo that starts then
/// would found a second cluster. So every silo remembers the table, and whoever first finds it gone puts it back.
/// </summary>
/// <remarks>
/// Orleans counts the table's version up with every change. A table whose version went back has lost changes; it gets the
/// remembered rows at a version that no silo has seen, so that every write that was under way is refused and done anew.
/// </remarks>
internal sealed partial class MembershipGuard(StoreConnection store, ILocalSiloDetails silo, TimeProvider time, ILogger<MembershipGuard> logger)
    : BackgroundService
{
    /// <summary>How often the table is looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The table's field that is not a silo.</summary>
    private const string Version = "Version";

    /// <summary>
    /// KEYS: the table. ARGV: the remembered version, the one to write, fields and values. Answers 1 when it has been
    /// written, 0 when another silo was faster.
    /// </summary>
    private const string PutBack = """
        local version = tonumber(redis.call('HGET', KEYS[1], 'Version') or '-1')
        if version and version >= tonumber(ARGV[1]) then
          return 0
        end
        for i = 3, #ARGV, 2 do
          redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
        end
        redis.call('HSET', KEYS[1], 'Version', ARGV[2])
        return 1
        """;

    private readonly RedisKey _key = MeshClustering.MembershipKey(store.Options.Region, store.Options.RedisPrefix);
    private HashEntry[] _rows = [];
    private long _version = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await Look();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    /// <summary>Remembers the table, or puts back what it has lost.</summary>
    internal async Task Look()
    {
        try
        {
            var rows = await store.Calls.Do(redis => redis.HashGetAllAsync(_key, RedisCalls.Primary));
            var version = VersionOf(rows);
            if (version < _version)
            {
                await Write(_version, _rows, version < 0 ? "gone" : "an older one");
            }
            else if (IsWithoutThisSilo(rows))
            {
                // Another silo put back what it remembered, from before this one joined.
                await Write(version + 1, [.. _rows.Where(IsThisSilo)], "without this silo");
            }
            else
            {
                (_rows, _version) = (rows, version);
            }
        }
        catch (StoreUnavailableException)
        {
            // Nothing can be said of the table while the store is away; what is remembered stays.
        }
    }

    /// <param name="version">Nothing is written when the table has come to this version.</param>
    private async Task Write(long version, HashEntry[] rows, string state)
    {
        RedisValue[] arguments =
            [version, version + 1, .. rows.Where(static row => row.Name != Version).SelectMany(static row => new[] { row.Name, row.Value })];
        if ((int)await store.Calls.Do(redis => redis.ScriptEvaluateAsync(PutBack, [_key], arguments, RedisCalls.Primary)) == 1)
        {
            LogPutBack(state, rows.Count(static row => row.Name != Version));
        }
    }

    private bool IsWithoutThisSilo(HashEntry[] rows) => Array.Exists(_rows, IsThisSilo) && !Array.Exists(rows, IsThisSilo);

    /// <summary>Orleans names a silo's row by its address.</summary>
    private bool IsThisSilo(HashEntry row) => row.Name == silo.SiloAddress.ToString();

    /// <returns>-1 when there is no table.</returns>
    private static long VersionOf(HashEntry[] rows) =>
        Array.Find(rows, static row => row.Name == Version) is { Name.IsNull: false } row
        && long.TryParse(row.Value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : -1;

    [LoggerMessage(3201, LogLevel.Warning, "The cluster's membership table in the store was {State}: the store has lost writes. This silo has put back the {Silos} rows it remembered; silos can join and be evicted again")]
    private partial void LogPutBack(string state, int silos);
}
