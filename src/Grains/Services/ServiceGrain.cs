using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Push;
using Mesh.Grains.Regions;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Mesh.Grains.Services;

/// <summary>
/// The owner of one service. A write is reduced (<see cref="ServiceReducer"/>), stored, and only then acknowledged
/// and pushed. The store's compare-and-set guards against a second activation, which Orleans may briefly have.
/// </summary>
internal sealed partial class ServiceGrain(
    IServiceStore store,
    HubPublisherFactory publishers,
    MeshRegion region,
    PeerContacts peers,
    ActiveServices active,
    TimeProvider time,
    ILogger<ServiceGrain> logger) : Grain, IServiceGrain
{
    /// <summary>How long a write waits for the catalog; the change log brings it there in any case.</summary>
    private static readonly TimeSpan CatalogTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>What an attempt without an answer of its own answers.</summary>
    private static readonly object Done = new();

    private readonly LeaseTable _leases = new(time);
    private HubPublisher _publisher = null!;
    private ServiceName _name;
    private ServiceRecord _record = null!;
    private EncodedSnapshot _snapshot = null!;
    private IGrainTimer? _leaseTimer;
    private IDisposable? _activity;
    private IReadOnlyList<string> _preserved = [];

    /// <summary>A version some hub held that was newer than the grain's, and that the store did not know either.</summary>
    private SnapshotVersion _refuted;

    /// <summary>Endpoints that are being removed because their leases ran out.</summary>
    private IReadOnlyList<string> _expiring = [];

    /// <summary>The last write's outcome is unknown; the store is asked before the next one.</summary>
    private bool _isUncertain;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _name = ServiceName.Parse(this.GetPrimaryKeyString());
        _publisher = publishers.Create();
        var stored = await store.Read(_name) ?? ServiceRecord.Empty(_name);
        Use(RecordUpgrade.Apply(stored, region.Name));
        _activity = active.Add(_name, CheckForeignWrite);
        if (IsOfOlderForm(stored))
        {
            RefreshSoon();
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _activity?.Dispose();
        return Task.CompletedTask;
    }

    public async Task<WriteResult> Write(WriteRequest request)
    {
        if (_isUncertain)
        {
            await Refresh();
        }

        var command = request.Command;
        if (command is Rollback rollback)
        {
            if (await store.ReadRevision(_name, rollback.Revision) is not { Spec: not null } revision)
            {
                return new WriteResult { Status = WriteStatus.NotFound, Service = _record.ToView(_preserved) };
            }

            command = new RestoreSpec(rollback.Revision, revision.Spec);
        }

        return await Change(async () =>
        {
            var now = time.GetUtcNow();
            var reduction = ServiceReducer.Apply(_record, command, request.Precondition, region.Name, now, peers.CollectBefore(now));
            if (reduction.Status == WriteStatus.Stored && !request.DryRun && !await Store(reduction.Record, ToRevision(reduction, request)))
            {
                return null;
            }

            RenewIfRegistered(reduction, request);
            return Answer(reduction);
        });
    }

    public async Task<MergeReply> Merge(string peer, Immutable<byte[]> record)
    {
        var theirs = StoredJson.Decode<ServiceRecord>(record.Value, $"{_name} of region {peer}");
        if (_isUncertain)
        {
            await Refresh();
        }

        return await Change(async () =>
        {
            var now = time.GetUtcNow();
            var outcome = ServiceMerger.Merge(_record, theirs, peer, region.Name, now, peers.CollectBefore(now));
            return !outcome.IsChanged || await Store(outcome.Record, ToRevision(outcome, peer))
                ? new MergeReply(outcome.IsChanged, outcome.Conflicts.Count, outcome.ClockLead)
                : null;
        });
    }

    public Task<ServiceView?> Get() => Task.FromResult(_record.ToView(_preserved));

    public Task<IReadOnlyList<ServiceRevision>> GetRevisions() => store.ReadRevisions(_name);

    public Task<ServiceRevision?> GetRevision(long revision) => store.ReadRevision(_name, revision);

    public Task<EncodedSnapshot?> Watch(SiloAddress hub, SnapshotVersion held)
    {
        _publisher.MarkInterested(hub);
        if (held == _snapshot.Version)
        {
            return Task.FromResult<EncodedSnapshot?>(null);
        }

        // A hub that knows more than the grain has met another activation, or the store has lost writes: the store decides.
        if (held.Revision > _snapshot.Version.Revision && held != _refuted)
        {
            RefreshFor(held).Ignore();
            return Task.FromResult<EncodedSnapshot?>(null);
        }

        return Task.FromResult<EncodedSnapshot?>(_snapshot);
    }

    public Task Refresh() => Insist(async () =>
    {
        var stored = await store.Read(_name) ?? ServiceRecord.Empty(_name);
        var now = time.GetUtcNow();
        if (WriteBack.Of(_record, stored, region.Name, now, peers.CollectBefore(now)) is { } back)
        {
            LogWriteBack(_name, stored.Revision, _record.Revision, back.Record.Revision);
            return await Store(back.Record, back.Revision, stored.Revision) ? Done : null;
        }

        _isUncertain = false;
        var current = RecordUpgrade.Apply(stored, region.Name);
        if (current.Revision != _record.Revision || current.ToSnapshot().Version != _snapshot.Version)
        {
            Use(current);
            _publisher.Publish(_snapshot);
        }

        return IsOfOlderForm(stored) && !await Store(current with { Revision = current.Revision + 1 }, null, current.Revision) ? null : Done;
    });

    public Task<bool> RenewLease(string endpointId, EndpointSpec endpoint)
    {
        if (_expiring.Contains(endpointId) || !ServiceReducer.IsRegistered(_record, endpointId, endpoint, region.Name))
        {
            return Task.FromResult(false);
        }

        _leases.Renew(endpointId);
        return Task.FromResult(true);
    }

    /// <summary>Decides and stores until nobody else has stored a change meanwhile.</summary>
    /// <inheritdoc cref="Insist" path="/param"/>
    private Task<T> Change<T>(Func<Task<T?>> attempt)
        where T : class => Insist(async () =>
    {
        if (await attempt() is { } answer)
        {
            return answer;
        }

        LogLostRace(_name, _record.Revision);
        await Refresh();
        return null;
    });

    /// <param name="attempt">Answers null when it lost the race.</param>
    private async Task<T> Insist<T>(Func<Task<T?>> attempt)
        where T : class
    {
        // Three lost races in a row mean a second activation that will not go away.
        for (var i = 0; i < 3; i++)
        {
            if (await attempt() is { } answer)
            {
                return answer;
            }
        }

        DeactivateOnIdle();
        throw new StoreUnavailableException($"Another silo keeps writing {_name}; try again.");
    }

    /// <summary>
    /// Looks whether another activation has written the service. The answer is read beside other calls; what follows from it
    /// is done in a turn of its own.
    /// </summary>
    private async Task CheckForeignWrite()
    {
        if (await store.ReadCurrentRevision(_name) is var stored && stored != _record.Revision)
        {
            LogForeignWrite(_name, stored, _record.Revision);
            RefreshSoon();
        }
    }

    private void RefreshSoon() =>
        this.RegisterGrainTimer(_ => Refresh(), new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));

    /// <summary>Such a record has no digest, or that of an older one: regions could never find that they hold the same.</summary>
    private static bool IsOfOlderForm(ServiceRecord stored) => stored.Format < ServiceRecord.BasicFormat && stored.Revision > 0;

    /// <summary>Asks the store, in a turn of its own, whether it knows the version that a hub holds.</summary>
    private async Task RefreshFor(SnapshotVersion held)
    {
        await this.AsReference<IServiceGrain>().Refresh();
        if (held.Revision > _snapshot.Version.Revision)
        {
            _refuted = held;
        }
    }

    private void RenewIfRegistered(Reduction reduction, WriteRequest request)
    {
        if (request is { DryRun: false, Command: PutEndpoint { Source: EndpointSource.Sidecar } put }
            && reduction.Status is WriteStatus.Stored or WriteStatus.Unchanged)
        {
            _leases.Renew(put.Id);
        }
    }

    private static ServiceRevision? ToRevision(Reduction reduction, WriteRequest request) => reduction.Change is null
        ? null
        : ToRevision(reduction.Record, reduction.Change, request.Author) with { By = request.By, From = request.From };

    private static ServiceRevision? ToRevision(MergeOutcome outcome, string peer) => outcome.Change is null
        ? null
        : ToRevision(outcome.Record, outcome.Change, $"region:{peer}") with { Conflicts = outcome.Conflicts.Count > 0 ? outcome.Conflicts : null };

    private static ServiceRevision ToRevision(ServiceRecord record, string change, string author) =>
        new() { Revision = record.Revision, At = record.UpdatedAt, Author = author, Change = change, Spec = record.Spec };

    private Task<bool> Store(ServiceRecord next, ServiceRevision? revision) => Store(next, revision, _record.Revision);

    /// <returns>False when the store holds another revision than the one the change was made from.</returns>
    private async Task<bool> Store(ServiceRecord next, ServiceRevision? revision, long expectedRevision)
    {
        var entry = next.ToCatalogEntry();
        try
        {
            if (!await store.Write(next, expectedRevision, entry, revision))
            {
                return false;
            }
        }
        catch
        {
            _isUncertain = true;
            throw;
        }

        _isUncertain = false;
        Use(next);
        _publisher.Publish(_snapshot);
        await TellCatalog(entry);
        return true;
    }

    private async Task TellCatalog(Abstractions.Catalog.CatalogEntry entry)
    {
        try
        {
            await GrainFactory.GetGrain<ICatalogGrain>(ICatalogGrain.Key).Update(entry).WaitAsync(CatalogTimeout, time);
        }
        catch (Exception exception)
        {
            // The write is stored and must be acknowledged; the catalog follows the change log in any case.
            LogCatalogLate(exception, _name);
        }
    }

    private void Use(ServiceRecord record)
    {
        _record = record;
        _snapshot = record.ToSnapshot();
        var sidecars = record.EndpointsOf(region.Name).Where(static endpoint => endpoint.Source == EndpointSource.Sidecar);
        _leases.Align(sidecars.Select(static endpoint => endpoint.Id));
        if (_leases.Count > 0)
        {
            _leaseTimer ??= this.RegisterGrainTimer(CheckLeases, new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        }
        else
        {
            _leaseTimer?.Dispose();
            _leaseTimer = null;
            _preserved = [];
        }
    }

    private async Task CheckLeases(CancellationToken cancellationToken)
    {
        var verdict = _leases.Judge();
        if (verdict.IsPreserved)
        {
            if (verdict.Expired.Count > _preserved.Count)
            {
                LogPreserved(_name, verdict.Expired.Count, _leases.Count);
            }

            _preserved = verdict.Expired;
            return;
        }

        _preserved = [];
        if (verdict.Expired.Count == 0)
        {
            return;
        }

        try
        {
            LogExpired(_name, string.Join(", ", verdict.Expired));
            _expiring = verdict.Expired;
            await Write(new WriteRequest { Command = new RemoveEndpoints(verdict.Expired), Author = "lease" });
        }
        catch (StoreUnavailableException exception)
        {
            LogExpiryLate(_name, exception.Message);
        }
        finally
        {
            _expiring = [];
        }
    }

    private WriteResult Answer(Reduction reduction) => new()
    {
        Status = reduction.Status,
        Created = reduction.Created,
        ResourceRevision = reduction.ResourceRevision,
        Service = reduction.Record.ToView(_preserved),
    };

    [LoggerMessage(1001, LogLevel.Warning, "Service {Service}: the store no longer has revision {Revision}; somebody else wrote it. Reading it again")]
    private partial void LogLostRace(ServiceName service, long revision);

    [LoggerMessage(1002, LogLevel.Warning, "Service {Service}: stored, but the catalog did not hear of it; it will follow the change log")]
    private partial void LogCatalogLate(Exception exception, ServiceName service);

    [LoggerMessage(1003, LogLevel.Warning, "Service {Service}: {Expired} of {Leases} leases ran out at once; the endpoints are kept and the proxies judge them by their answers")]
    private partial void LogPreserved(ServiceName service, int expired, int leases);

    [LoggerMessage(1004, LogLevel.Information, "Service {Service}: the leases of {Endpoints} ran out; removing them")]
    private partial void LogExpired(ServiceName service, string endpoints);

    [LoggerMessage(1005, LogLevel.Warning, "Service {Service}: endpoints whose leases ran out stay until the store is back: {Reason}")]
    private partial void LogExpiryLate(ServiceName service, string reason);

    [LoggerMessage(1006, LogLevel.Information, "Service {Service}: the store has revision {Stored} and the grain {Held}; reading it again")]
    private partial void LogForeignWrite(ServiceName service, long stored, long held);

    [LoggerMessage(1007, LogLevel.Information, "Service {Service}: the store has lost writes that were acknowledged: it is at revision {Stored}, the grain at {Held}. What is missing is written back as revision {Next}")]
    private partial void LogWriteBack(ServiceName service, long stored, long held, long next);
}
