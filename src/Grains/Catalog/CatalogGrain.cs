using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Catalog;

/// <summary>
/// Answers from memory. Service grains tell it of their changes at once; the change log, read every two seconds, makes
/// up for what got lost on the way.
/// </summary>
/// <remarks>
/// When the store loses writes, silos write back what their grains hold (<see cref="Services.StoreWatch"/>), and links what
/// peers hold. Until they have had the time for it, the catalog goes on with what it knew.
/// </remarks>
internal sealed partial class CatalogGrain(IServiceStore store, TimeProvider time, ILogger<CatalogGrain> logger) : Grain, ICatalogGrain, IDisposable
{
    private static readonly TimeSpan CatchUpPeriod = TimeSpan.FromSeconds(2);

    /// <summary>How long after a loss the store counts as what there is.</summary>
    private static readonly TimeSpan LossGrace = TimeSpan.FromSeconds(15);

    private readonly CatalogIndex _index = new();
    private readonly CancellationTokenSource _ending = new();
    private OldRecords _oldRecords = null!;
    private CatalogCursor _cursor = CatalogCursor.Start;
    private bool _isBehind;

    /// <summary>When the store was last found to have lost writes; null when that has been dealt with.</summary>
    private long? _lostAt;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await CatchUp();
        _oldRecords = new OldRecords(store, service => GrainFactory.GetGrain<IServiceGrain>(service.ToString()), logger);
        this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(CatchUpPeriod, CatchUpPeriod) { KeepAlive = true });
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _ending.CancelAsync();

    public Task<ResolvedAuthority> Resolve(string callerNamespace, string host) =>
        Task.FromResult(new ResolvedAuthority(_index.Resolve(callerNamespace, host)));

    public Task<IReadOnlyList<CatalogEntry>> List(string? serviceNamespace) =>
        Task.FromResult<IReadOnlyList<CatalogEntry>>([.. _index.List(serviceNamespace)]);

    public Task<IReadOnlyList<ServiceName>> FindMissing(IReadOnlyList<ServiceName> services) =>
        Task.FromResult<IReadOnlyList<ServiceName>>([.. services.Where(service => !_index.Contains(service))]);

    public Task<IReadOnlyList<ServiceName>> FindNeverSeen(IReadOnlyList<ServiceName> services) =>
        Task.FromResult<IReadOnlyList<ServiceName>>([.. services.Where(service => !_index.Knows(service))]);

    public Task<IReadOnlyDictionary<string, ServiceName>> FindHostOwners(ServiceName service, IReadOnlyList<string> hosts)
    {
        var owners = new Dictionary<string, ServiceName>();
        foreach (var host in hosts)
        {
            // The default namespace is as good as any: a host of one label is nobody's own name outside its namespace.
            var owner = host.Contains('.', StringComparison.Ordinal)
                ? _index.Resolve(ServiceName.DefaultNamespace, host)
                : _index.OwnerOf(host);
            if (owner is { } other && other != service)
            {
                owners[host] = other;
            }
        }

        return Task.FromResult<IReadOnlyDictionary<string, ServiceName>>(owners);
    }

    public Task Update(CatalogEntry entry)
    {
        _index.Apply(entry);
        return Task.CompletedTask;
    }

    public void Dispose() => _ending.Dispose();

    private async Task OnTimer(CancellationToken cancellationToken)
    {
        try
        {
            await CatchUp();
            _isBehind = false;
            _oldRecords.Continue(_ending.Token);
        }
        catch (StoreUnavailableException exception)
        {
            if (!_isBehind)
            {
                LogBehind(exception.Message);
            }

            _isBehind = true;
        }
    }

    private async Task CatchUp()
    {
        var changes = await store.ReadCatalog(_cursor);
        if (changes.IsReset)
        {
            LogLoss(_lostAt is null ? LogLevel.Warning : LogLevel.Debug, LossGrace.TotalSeconds);
            _lostAt ??= time.GetTimestamp();
        }
        else if (_lostAt is { } lostAt && time.GetElapsedTime(lostAt) >= LossGrace)
        {
            changes = await store.ReadCatalog(CatalogCursor.Start);
            var known = _index.Count;
            _index.Clear();
            _cursor = CatalogCursor.Start;
            _lostAt = null;
            LogLossSettled(known, changes.Entries.Count(static entry => !entry.Deleted));
        }

        var isFirst = _cursor == CatalogCursor.Start;
        foreach (var entry in changes.Entries)
        {
            if (_index.Apply(entry) && !isFirst)
            {
                // Its grain told nobody: it ended before it could, or its write came through after it had given up.
                GrainFactory.GetGrain<IServiceGrain>(entry.Service.ToString()).Refresh().Ignore();
            }
        }

        _cursor = changes.Cursor;
    }

    [LoggerMessage(1201, LogLevel.Warning, "The catalog cannot read the change log and answers from what it knows: {Reason}")]
    private partial void LogBehind(string reason);

    [LoggerMessage(EventId = 1202, Message = "The store has lost writes. Silos write back what their grains hold, links what peers hold; for {Seconds} s the catalog goes on with what it knew")]
    private partial void LogLoss(LogLevel level, double seconds);

    [LoggerMessage(1203, LogLevel.Warning, "After the store's loss of writes: {Known} services were known, {Stored} are there again. What is missing now is nowhere in this region's memory; apply a backup (POST /v1/apply), or wait for the links to peer regions (GET /v1/regions)")]
    private partial void LogLossSettled(int known, int stored);
}
