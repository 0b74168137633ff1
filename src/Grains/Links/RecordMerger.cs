using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Mesh.Grains.Links;

/// <summary>Has services merge a peer's records, many at once, and remembers those that cannot.</summary>
internal sealed partial class RecordMerger(string peer, Func<ServiceName, IServiceGrain> services, ILogger logger)
{
    /// <summary>How many records are read and merged at once: each may be as large as <see cref="RedisServiceStore.MaxRecordBytes"/>.</summary>
    public const int BatchSize = 64;

    private readonly HashSet<ServiceName> _rejected = [];
    private string? _lastRejection;

    /// <summary>How many services could not be merged, and have not been since.</summary>
    public int Rejected => _rejected.Count;

    /// <summary>Why the last one was rejected; each is told once.</summary>
    public string? TakeLastRejection() => Interlocked.Exchange(ref _lastRejection, null);

    /// <param name="records">The services' records, in the order of <paramref name="names"/>.</param>
    /// <param name="refreshes">The services may know more than their store, which lost writes, and have to see that first.</param>
    /// <returns>How far the peer's clock was ahead at most; null when nothing was new.</returns>
    /// <exception cref="LinkPausedException">This region could not store some of them.</exception>
    public async Task<TimeSpan?> Merge(
        IReadOnlyList<ServiceName> names, byte[]?[] records, bool refreshes, CancellationToken cancellationToken)
    {
        var replies = await Task.WhenAll(
            names.Select((service, i) => records[i] is { } record ? Merge(service, record, refreshes) : None));
        cancellationToken.ThrowIfCancellationRequested();
        return replies.Max(static reply => reply is { IsChanged: true } ? reply.ClockLead : (TimeSpan?)null);
    }

    private static Task<MergeReply?> None => Task.FromResult<MergeReply?>(null);

    private async Task<MergeReply?> Merge(ServiceName service, byte[] record, bool refreshes)
    {
        if (record.Length > RedisServiceStore.MaxRecordBytes)
        {
            Reject(service, $"its record has {record.Length} bytes; at most {RedisServiceStore.MaxRecordBytes} can be stored");
            return null;
        }

        try
        {
            var grain = services(service);
            if (refreshes)
            {
                await grain.Refresh();
            }

            var reply = await grain.Merge(peer, new Immutable<byte[]>(record));
            _rejected.Remove(service);
            return reply;
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException or OrleansException)
        {
            throw new LinkPausedException(exception.Message, exception);
        }
        catch (Exception exception)
        {
            // One record that cannot be merged must not hold up all others.
            Reject(service, exception.Message);
            return null;
        }
    }

    private void Reject(ServiceName service, string reason)
    {
        _lastRejection = $"{service} of region {peer} cannot be taken up: {reason}";
        if (_rejected.Add(service))
        {
            LogRejected(service, peer, reason);
        }
    }

    [LoggerMessage(1411, LogLevel.Error, "Service {Service} of region {Peer} cannot be taken up and stays as it is here; it is tried again from time to time: {Reason}")]
    private partial void LogRejected(ServiceName service, string peer, string reason);
}
