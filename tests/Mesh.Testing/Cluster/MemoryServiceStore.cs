using System.Runtime.CompilerServices;
using Mesh.Abstractions.Catalog;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Services;
using Mesh.Grains.Storage;

namespace Mesh.Testing.Cluster;

/// <summary>A store in memory, with switches for the faults that grains must bear.</summary>
public sealed class MemoryServiceStore : IServiceStore, IChangeFeed
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ServiceName, ServiceRecord> _records = [];
    private readonly Dictionary<ServiceName, List<ServiceRevision>> _revisions = [];
    private readonly Dictionary<ServiceName, (long Sequence, CatalogEntry Entry)> _log = [];
    private readonly List<Action<ServiceName>> _readers = [];
    private long _sequence;
    private int _epoch;

    /// <summary>Every call fails, as with a server that is gone.</summary>
    public bool IsDown { get; set; }

    /// <summary>The next write is stored, and then fails: its caller cannot know.</summary>
    public bool LosesNextAnswer { get; set; }

    /// <summary>How many writes were stored.</summary>
    public int Writes { get; private set; }

    public Task<ServiceRecord?> Read(ServiceName service) => Do(() => _records.GetValueOrDefault(service));

    public Task<long> ReadCurrentRevision(ServiceName service) => Do(() => _records.GetValueOrDefault(service)?.Revision ?? 0);

    public async Task<bool> Write(ServiceRecord record, long expectedRevision, CatalogEntry entry, ServiceRevision? revision)
    {
        var isStored = await Do(() =>
        {
            if ((_records.GetValueOrDefault(record.Service)?.Revision ?? 0) != expectedRevision)
            {
                return false;
            }

            Writes++;
            _records[record.Service] = MeshJson.Decode<ServiceRecord>(MeshJson.Encode(record));
            _log[record.Service] = (++_sequence, entry);
            if (revision is not null)
            {
                _revisions.TryAdd(record.Service, []);
                _revisions[record.Service].Insert(0, revision);
            }

            return true;
        });
        Tell(record.Service);
        if (isStored && LosesNextAnswer)
        {
            LosesNextAnswer = false;
            throw new StoreUnavailableException("the answer got lost");
        }

        return isStored;
    }

    /// <summary>Puts a record there behind the grains' backs, as another activation or a failover would.</summary>
    /// <param name="isTold">Readers hear of it, as of an activation's write.</param>
    public void Overwrite(ServiceRecord record, bool isTold = false)
    {
        lock (_lock)
        {
            _records[record.Service] = record;
        }

        if (isTold)
        {
            Tell(record.Service);
        }
    }

    /// <summary>Everything is gone, as after <c>FLUSHALL</c>.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            _records.Clear();
            _revisions.Clear();
            _log.Clear();
            _sequence = 0;
            _epoch++;
        }
    }

    public Task<IReadOnlyList<ServiceRevision>> ReadRevisions(ServiceName service) => Do<IReadOnlyList<ServiceRevision>>(
        () => [.. _revisions.GetValueOrDefault(service, []).Select(static revision => revision with { Spec = null })]);

    public Task<ServiceRevision?> ReadRevision(ServiceName service, long revision) =>
        Do(() => _revisions.GetValueOrDefault(service, []).Find(one => one.Revision == revision));

    public Task<CatalogChanges> ReadCatalog(CatalogCursor cursor) => Do(() =>
    {
        var isReset = Cursor().HasLost(cursor);
        var after = cursor.Sequences is [var sequence] && !isReset ? sequence : 0;
        var entries = _log.Values.Where(row => row.Sequence > after).OrderBy(row => row.Sequence).Select(row => row.Entry).ToList();
        return new CatalogChanges(entries, Cursor(), isReset);
    });

    public Task<CatalogCursor> ReadCursor() => Do(Cursor);

    public async IAsyncEnumerable<ServiceName> FindWithoutDigest([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var record in await Do(() => _records.Values.Where(static record => record.Format < ServiceRecord.CurrentFormat).ToList()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record.Service;
        }
    }

    public async IAsyncEnumerable<ServiceRecord> ReadAll([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var record in await Do(() => _records.Values.Where(record => record.Spec is not null).ToList()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }
    }

    public Task Ping() => Do(() => true);

    public IDisposable Subscribe(Action<ServiceName> onChange)
    {
        lock (_lock)
        {
            _readers.Add(onChange);
        }

        return new Subscription(() =>
        {
            lock (_lock)
            {
                _readers.Remove(onChange);
            }
        });
    }

    private CatalogCursor Cursor() => new([_sequence]) { Epochs = [$"{_epoch}"] };

    private void Tell(ServiceName service)
    {
        Action<ServiceName>[] readers;
        lock (_lock)
        {
            readers = [.. _readers];
        }

        foreach (var reader in readers)
        {
            reader(service);
        }
    }

    private Task<T> Do<T>(Func<T> action)
    {
        lock (_lock)
        {
            return IsDown
                ? Task.FromException<T>(new StoreUnavailableException("the store is down"))
                : Task.FromResult(action());
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
