using System.Collections.Concurrent;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>
/// Calls every service that has a living endpoint through the proxy of a region, without pause. A call that fails counts
/// unless the proxy itself was killed meanwhile.
/// </summary>
internal sealed class RegionCalls : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly RegionCluster _region;
    private readonly WriteLedger _ledger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _calling;
    private long _answers;

    private RegionCalls(RegionCluster region, WriteLedger ledger)
    {
        (_region, _ledger) = (region, ledger);
        _calling = Task.WhenAll(ChaosServices.Called.Select(service => Task.Run(() => CallSteadily(service))));
    }

    public long Answers => Interlocked.Read(ref _answers);

    public ConcurrentQueue<string> Failures { get; } = new();

    public static RegionCalls Start(RegionCluster region, WriteLedger ledger) => new(region, ledger);

    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _calling;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
    }

    private async Task CallSteadily(string service)
    {
        var authority = string.Join('.', service.Split('/').Reverse());
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            var kills = _region.ProxyKills;
            if (!_region.IsProxyDown)
            {
                var started = _ledger.Now;
                if (await Call(authority) is not { } failure)
                {
                    Interlocked.Increment(ref _answers);
                }
                else if (!_region.IsProxyDown && _region.ProxyKills == kills)
                {
                    Failures.Enqueue($"{started.TotalSeconds:0.000} s: {authority} through {_region.Proxy.Process.Name} after {(_ledger.Now - started).TotalMilliseconds:0} ms: {failure}");
                }
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <returns>What went wrong; null when nothing did.</returns>
    private async Task<string?> Call(string authority)
    {
        try
        {
            using var answer = await _region.Proxy.Call(authority);
            return answer.IsSuccessStatusCode ? null : $"{(int)answer.StatusCode} {(await answer.Content.ReadAsStringAsync()).Trim()}";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
