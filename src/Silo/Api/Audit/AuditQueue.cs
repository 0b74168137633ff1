using System.Threading.Channels;
using Mesh.Abstractions.Audit;

namespace Mesh.Silo.Api.Audit;

/// <summary>Entries of one list that wait for the store. When there are too many, the oldest go.</summary>
internal sealed class AuditQueue
{
    private readonly Channel<AuditEntry> _channel;
    private long _dropped;

    public AuditQueue(AuditList list, Action<AuditList> onDropped)
    {
        List = list;
        _channel = Channel.CreateBounded<AuditEntry>(
            new BoundedChannelOptions(AuditSettings.MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ =>
            {
                Interlocked.Increment(ref _dropped);
                onDropped(list);
            });
    }

    public AuditList List { get; }

    /// <summary>How many entries went without having been stored.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Never waits.</summary>
    public void Add(AuditEntry entry) => _channel.Writer.TryWrite(entry);

    public async Task Wait(CancellationToken cancellationToken) => await _channel.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Moves entries that wait to the end of a batch, until it has <paramref name="limit"/>.</summary>
    public void Fill(List<AuditEntry> batch, int limit)
    {
        while (batch.Count < limit && _channel.Reader.TryRead(out var entry))
        {
            batch.Add(entry);
        }
    }
}
