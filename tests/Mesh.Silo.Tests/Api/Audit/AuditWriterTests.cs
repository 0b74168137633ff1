using System.Diagnostics.Metrics;
using Mesh.Abstractions.Audit;
using Mesh.Grains.Audit;
using Mesh.Silo.Api.Audit;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Api.Audit;

public sealed class AuditWriterTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryAuditStore _store = new();
    private readonly AuditId _ids;
    private readonly AuditLog _log;
    private readonly AuditWriter _writer;

    public AuditWriterTests()
    {
        _ids = new AuditId(_time);
        _log = new AuditLog(_services.GetRequiredService<IMeterFactory>(), NullLoggerFactory.Instance);
        _writer = new AuditWriter(_log, _store, new AuditSettings("s1", 10_000), _time, NullLogger<AuditWriter>.Instance);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _log.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Entries_wait_while_the_store_is_away_and_arrive_in_order()
    {
        _store.IsDown = true;
        await _writer.StartAsync(TestContext.Current.CancellationToken);
        var ids = Record(AuditList.Accepted, 250);
        Record(AuditList.Refused, 3);

        _store.IsDown = false;
        await AdvanceUntil("all entries are stored", async () => (await Stored(AuditList.Accepted)).Count == 250 && (await Stored(AuditList.Refused)).Count == 3);

        Assert.Equal(ids, await Stored(AuditList.Accepted));
        await _writer.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_batch_whose_answer_got_lost_is_there_once()
    {
        _store.LosesNextAnswer = true;
        await _writer.StartAsync(TestContext.Current.CancellationToken);
        var ids = Record(AuditList.Accepted, 1);
        await AdvanceUntil("the answer got lost", () => Task.FromResult(!_store.LosesNextAnswer));
        var next = Record(AuditList.Accepted, 1);

        await AdvanceUntil("the second one is stored", async () => (await Stored(AuditList.Accepted)).Contains(next[0]));
        Assert.Equal([.. ids, .. next], await Stored(AuditList.Accepted));
        await _writer.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task When_too_many_wait_the_oldest_go_and_are_counted_and_only_those_of_their_list()
    {
        var dropped = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "mesh_audit_dropped" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            Assert.Equal("refused", tags[0].Value);
            Interlocked.Add(ref dropped, value);
        });
        listener.Start();

        // The writer has not started: nothing is taken out meanwhile.
        var accepted = Record(AuditList.Accepted, 10);
        var refused = Record(AuditList.Refused, AuditSettings.MaxWaiting + 5);
        await _writer.StartAsync(TestContext.Current.CancellationToken);
        await AdvanceUntil("what waits is stored", async () => (await Stored(AuditList.Refused)).Count == AuditSettings.MaxWaiting);

        Assert.Equal(5, dropped);
        Assert.Equal(refused[5..], await Stored(AuditList.Refused));
        await AdvanceUntil("the others are stored", async () => (await Stored(AuditList.Accepted)).SequenceEqual(accepted));
        await _writer.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_waits_is_stored_before_the_silo_stops()
    {
        _store.IsDown = true;
        await _writer.StartAsync(TestContext.Current.CancellationToken);
        var ids = Record(AuditList.Accepted, 150);

        _store.IsDown = false;
        await _writer.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ids, await Stored(AuditList.Accepted));
    }

    [Fact]
    public async Task A_store_that_stays_away_does_not_keep_the_silo_from_stopping()
    {
        _store.IsDown = true;
        await _writer.StartAsync(TestContext.Current.CancellationToken);
        Record(AuditList.Accepted, 150);

        await _writer.StopAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

        Assert.True(_writer.ExecuteTask!.IsCompleted);
    }

    /// <returns>The entries' ids.</returns>
    private List<string> Record(AuditList list, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(_ids.Next());
            var entry = new AuditEntry
            {
                Id = ids[^1], At = _time.GetUtcNow(), By = "token:ci", Method = "PUT", Path = "/", Status = 200, Region = "local", Silo = "s1",
            };
            _log.Record(entry, list, isStored: true);
        }

        return ids;
    }

    /// <returns>The ids of the entries in the store, the oldest first.</returns>
    private async Task<IReadOnlyList<string>> Stored(AuditList list) =>
        [.. (await _store.Read(list, before: null, count: 100_000)).Reverse().Select(static entry => entry.Id)];

    private Task AdvanceUntil(string what, Func<Task<bool>> condition) => Eventually.Holds(what, async () =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return await condition();
    });
}
