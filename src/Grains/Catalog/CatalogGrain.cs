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
internal sealed partial class CatalogGrain(IServiceStore store, ILogger<CatalogGrain> logger) : Grain, ICatalogGrain
{
    private static readonly TimeSpan CatchUpPeriod = TimeSpan.FromSeconds(2);

    private readonly CatalogIndex _index = new();
    private CatalogCursor _cursor = CatalogCursor.Start;
    private bool _isBehind;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await CatchUp();
        this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(CatchUpPeriod, CatchUpPeriod) { KeepAlive = true });
    }

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

    private async Task OnTimer(CancellationToken cancellationToken)
    {
        try
        {
            await CatchUp();
            _isBehind = false;
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
            _index.Clear();
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
}
