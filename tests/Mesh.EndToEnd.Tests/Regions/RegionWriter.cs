using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>Writes steadily through the API of one region, to any of its silos, and notes what was acknowledged.</summary>
internal sealed class RegionWriter : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(40);

    /// <summary>A frozen silo does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Nobody listened.</summary>
    private const int NotSent = -1;

    private readonly RegionCluster _region;
    private readonly WriteLedger _ledger;
    private readonly WritePlan _plan;
    private readonly Random _random;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;

    private RegionWriter(RegionCluster region, WriteLedger ledger, WritePlan plan, Random random)
    {
        (_region, _ledger, _plan, _random) = (region, ledger, plan, random);
        _writing = Task.Run(WriteSteadily);
    }

    /// <summary>Answers that no fault excuses.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    public int Acknowledged => Answers.Where(static pair => pair.Key is >= 200 and < 300).Sum(static pair => pair.Value);

    /// <summary>How many writes were answered with each status; 0 stands for no answer, -1 for no connection.</summary>
    public ConcurrentDictionary<int, int> Answers { get; } = new();

    /// <param name="writer">Its number, from 0, among <paramref name="writers"/> of all regions.</param>
    public static RegionWriter Start(RegionCluster region, WriteLedger ledger, int writer, int writers, int seed)
    {
        var random = new Random(seed + writer);
        return new RegionWriter(region, ledger, new WritePlan(region.Name, region.Application.Port, writer, writers, random), random);
    }

    /// <summary>No new writes from now on; done when those on their way are over.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
    }

    private async Task WriteSteadily()
    {
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            var api = _region.Silos[_random.Next(_region.Silos.Count)].Api;
            if ((_random.Next(20) == 0 ? await PlanRollback(api) : _plan.Next()) is { } write)
            {
                await Write(api, write);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task Write(HttpClient api, PlannedWrite write)
    {
        // A request without content is sent again by the client itself when its connection breaks before the answer. If the silo is
        // gone by then, that looks as if it had never been sent, although the first one may have been carried out.
        using var request = new HttpRequestMessage(write.Method, write.Path)
        {
            Content = write.Json is null ? new ByteArrayContent([]) : new StringContent(write.Json, Encoding.UTF8, "application/json"),
        };

        var entry = new LedgerWrite(_region.Name, write.Service, write.ToString(), _ledger.Now, write.Effects);
        var status = 0;
        try
        {
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            using var answer = await api.SendAsync(request, patience.Token);
            status = (int)answer.StatusCode;
            if (answer.IsSuccessStatusCode)
            {
                entry = entry with { Acknowledged = _ledger.Now, Revision = RevisionOf(write, answer) };
            }
            else if (status is not (404 or 503))
            {
                Failures.Enqueue($"{entry}: {status} {await answer.Content.ReadAsStringAsync(patience.Token)}");
            }
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
        {
            status = NotSent;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Nobody knows.
        }

        Answers.AddOrUpdate(status, 1, static (_, count) => count + 1);
        if (status is not (404 or NotSent))
        {
            _ledger.Add(entry);
        }
    }

    /// <summary>Of a write that makes a revision for certain: its value is a new one.</summary>
    private static long? RevisionOf(PlannedWrite write, HttpResponseMessage answer) =>
        write.Method == HttpMethod.Put && write.Effects.Count > 0
        && answer.Headers.ETag is { } tag && long.TryParse(tag.Tag.Trim('"'), out var revision) ? revision : null;

    /// <returns>Null when there is no earlier revision to be had now.</returns>
    private async Task<PlannedWrite?> PlanRollback(HttpClient api)
    {
        var service = ChaosServices.Called[_random.Next(ChaosServices.Called.Count)];
        var path = ChaosServices.Path(service) + "/revisions";
        try
        {
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            using var list = JsonDocument.Parse(await api.GetStringAsync(path, patience.Token));
            var revisions = list.RootElement.GetProperty("items").EnumerateArray().Select(static one => one.GetProperty("revision").GetInt64()).ToArray();
            var revision = revisions[_random.Next(revisions.Length)];
            using var old = JsonDocument.Parse(await api.GetStringAsync($"{path}/{revision}", patience.Token));
            return old.RootElement.TryGetProperty("spec", out var spec)
                ? WritePlan.RollBack(service, revision, SpecReading.Registers(service, spec))
                : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
