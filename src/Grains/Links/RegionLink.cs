using System.Threading.Channels;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Regions;
using Microsoft.Extensions.Logging;

namespace Mesh.Grains.Links;

/// <summary>
/// Follows a peer region: reads what it changed and has it merged here. Every step may be done twice, by two silos even,
/// and changes nothing then; a place in the peer's log is kept only after all before it is stored here.
/// </summary>
internal sealed partial class RegionLink(
    PeerRegion peer, LinkStore own, Func<ServiceName, IServiceGrain> services, ILoggerFactory loggers, TimeProvider time)
{
    /// <summary>How often to look when nothing was heard: a publication may get lost. Also the pause after a failure.</summary>
    public static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(2);

    private const int NamesPerPage = 500;

    private readonly ILogger _logger = loggers.CreateLogger<RegionLink>();
    private readonly RecordMerger _merger = new(peer.Name, services, loggers.CreateLogger<RecordMerger>());
    private readonly PeerPulse _pulse = new(peer.Name, peer.StaleAfter, loggers.CreateLogger<PeerPulse>(), time);
    private PeerStore? _store;
    private LinkProgress? _progress;
    private RegionLinkState _state = RegionLinkState.Connecting;
    private bool _isHealthy;

    /// <summary>The own store lost writes, and services have to look at it before they merge.</summary>
    private bool _refreshes;
    private string? _lastError;
    private DateTimeOffset? _lastErrorAt;
    private double? _clockSkew;

    public RegionLinkView Status => new()
    {
        Region = peer.Name,
        State = _state,
        LagEntries = _progress?.Lag ?? 0,
        LagSeconds = _state == RegionLinkState.Following ? 0 : (time.GetUtcNow() - _progress?.CaughtUpAt)?.TotalSeconds,
        InSyncAt = _progress?.InSyncAt,
        ClockSkewSeconds = _pulse.ClockOffset?.TotalSeconds ?? _clockSkew,
        Rejected = _merger.Rejected,
        LastError = _lastError,
        LastErrorAt = _lastErrorAt,
        SilentSeconds = _pulse.Silence.TotalSeconds,
        IsStale = _pulse.IsStale,
    };

    /// <summary>Follows until cancelled. It survives every failure.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var listening = Listen(cancellationToken);
        try
        {
            var woken = changes.Reader.ReadAsync(cancellationToken).AsTask();
            while (!cancellationToken.IsCancellationRequested)
            {
                var isDone = false;
                try
                {
                    _store ??= await PeerStore.Connect(peer, () => changes.Writer.TryWrite(true), loggers, time);
                    await Pass(_store, cancellationToken);
                    isDone = true;
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    Fail(exception);
                }

                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var pause = Task.Delay(PollPeriod, time, waiting.Token);
                if (await (isDone ? Task.WhenAny(woken, pause) : Task.WhenAny(pause)) == woken)
                {
                    woken = changes.Reader.ReadAsync(cancellationToken).AsTask();
                }

                await waiting.CancelAsync();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The link ends here, and goes on elsewhere.
        }
        finally
        {
            await listening;
            if (_store is not null)
            {
                await _store.DisposeAsync();
            }
        }
    }

    /// <summary>Listens for the peer's heartbeats, also while there is much to take up.</summary>
    private async Task Listen(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // Not in step with the peer's silos, so that in time the moments of their writing become known.
                await Task.Delay(Heartbeat.Period * (0.5 + (0.5 * Random.Shared.NextDouble())), time, cancellationToken);
                await _pulse.Look(_store, cancellationToken);
                if (_pulse.TakeProblem() is { } problem)
                {
                    NoteError(problem);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The link ends here.
        }
    }

    /// <summary>Takes up everything the peer has changed since the last time.</summary>
    private async Task Pass(PeerStore store, CancellationToken cancellationToken)
    {
        _progress ??= new LinkProgress(await Own(() => own.ReadCursor(peer.Name, cancellationToken)));
        var asked = time.GetUtcNow();
        var theirs = await store.ReadHeads(cancellationToken);
        var ours = await Own(() => own.Log.ReadHeads(cancellationToken));
        var wasFollowing = _state == RegionLinkState.Following;
        var work = _progress.Look(theirs, ours, asked);
        _refreshes |= work.HaveWeLost;
        if (work.HasPeerLost || work.HaveWeLost)
        {
            LogReset(peer.Name);
        }

        if (_progress.Lag > 0 || !wasFollowing)
        {
            _state = RegionLinkState.CatchingUp;
        }

        TimeSpan? lead = null;
        foreach (var (shard, after) in work.Due)
        {
            var shardLead = await Read(store, shard, after, cancellationToken);
            lead = lead > shardLead ? lead : shardLead ?? lead;
            _progress.Complete(shard, after, asked);
        }

        // What was written long ago tells nothing of the peer's clock now.
        _clockSkew = wasFollowing && lead is { } ahead ? ahead.TotalSeconds : _clockSkew;
        _refreshes = false;
        _progress.CaughtUp(asked);
        if (work.Due.Count > 0 || !wasFollowing)
        {
            await SaveCursor(cancellationToken);
        }

        NoteRejections();
        _state = RegionLinkState.Following;
        if (!_isHealthy)
        {
            LogFollowing(peer.Name);
        }

        _isHealthy = true;
    }

    /// <returns>How far the peer's clock was ahead in the newest of the writes read; null when there was none.</returns>
    private async Task<TimeSpan?> Read(PeerStore store, int shard, long after, CancellationToken cancellationToken)
    {
        TimeSpan? lead = null;
        await foreach (var page in store.Log.Pages(shard, after, NamesPerPage, cancellationToken))
        {
            if (page.Count == 0)
            {
                continue;
            }

            var names = page.Select(static change => change.Service).ToList();
            var theirs = await store.Log.ReadDigests(shard, names, cancellationToken);
            var ours = await Own(() => own.Log.ReadDigests(shard, names, cancellationToken));

            // Most of what a peer changes is what it heard from here.
            var news = names.Where((_, i) => theirs[i] is null || theirs[i] != ours[i]).ToList();
            foreach (var batch in news.Chunk(RecordMerger.BatchSize))
            {
                var batchLead = await _merger.Merge(batch, await store.ReadRecords(batch, cancellationToken), _refreshes, cancellationToken);
                lead = lead > batchLead ? lead : batchLead ?? lead;
            }

            _progress!.Advance(shard, page[^1].Sequence);
            if (news.Count > 0)
            {
                await SaveCursor(cancellationToken);
            }
        }

        return lead;
    }

    private Task<bool> SaveCursor(CancellationToken cancellationToken) =>
        Own(() => own.WriteCursor(peer.Name, _progress!.ToCursor(), cancellationToken));

    private static async Task<T> Own<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (StoreUnavailableException exception)
        {
            throw new LinkPausedException(exception.Message, exception);
        }
    }

    private void Fail(Exception exception)
    {
        var isNew = _lastError != exception.Message;
        NoteError(exception.Message);
        _state = exception is LinkPausedException ? RegionLinkState.Paused : RegionLinkState.Unreachable;
        if (isNew || _isHealthy)
        {
            LogFailed(exception is LinkPausedException or StoreUnavailableException ? null : exception, peer.Name, exception.Message);
        }

        _isHealthy = false;
    }

    private void NoteRejections()
    {
        if (_merger.TakeLastRejection() is { } rejection)
        {
            NoteError(rejection);
        }
    }

    private void NoteError(string message)
    {
        _lastError = message;
        _lastErrorAt = time.GetUtcNow();
    }

    [LoggerMessage(1401, LogLevel.Information, "Region {Peer}: everything it changed is taken up")]
    private partial void LogFollowing(string peer);

    [LoggerMessage(1402, LogLevel.Warning, "Region {Peer}: a store has lost writes, the peer's or the own; the two regions are compared in full")]
    private partial void LogReset(string peer);

    [LoggerMessage(1403, LogLevel.Warning, "Region {Peer}: nothing can be taken up at the moment: {Reason}")]
    private partial void LogFailed(Exception? exception, string peer, string reason);
}
