using System.Collections.Concurrent;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>
/// Calls one authority through a proxy all the time, from several callers, and keeps every answer that was not 200. That is up
/// to 2,000 calls a second: as many as two cores can would be taken from the silos that are to come back meanwhile.
/// </summary>
internal sealed class SteadyCalls : IAsyncDisposable
{
    /// <summary>Between two calls of a caller, unless the first took longer.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _callers;
    private long _answers;

    private SteadyCalls(ProxyProcess proxy, string authority, int callers, bool isDense) =>
        _callers = [.. Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallSteadily(proxy, authority, isDense)))];

    public long Answers => Interlocked.Read(ref _answers);

    public ConcurrentQueue<string> Failures { get; } = new();

    /// <param name="isDense">Whether a caller makes no pause at all.</param>
    public static SteadyCalls Through(ProxyProcess proxy, string authority, int callers = 4, bool isDense = false) =>
        new(proxy, authority, callers, isDense);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task CallSteadily(ProxyProcess proxy, string authority, bool isDense)
    {
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var answer = await proxy.Call(authority);
                var body = await answer.Content.ReadAsStringAsync();
                if (!answer.IsSuccessStatusCode)
                {
                    Failures.Enqueue($"{(int)answer.StatusCode} {body}");
                }
            }
            catch (Exception exception)
            {
                Failures.Enqueue(exception.Message);
            }

            Interlocked.Increment(ref _answers);
            if (!isDense)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }
}
