using System.Collections.Concurrent;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Calls one authority through a proxy without pause, from several callers, and keeps every answer that was not 200.</summary>
internal sealed class SteadyCalls : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _callers;
    private long _answers;

    private SteadyCalls(ProxyProcess proxy, string authority, int callers) =>
        _callers = [.. Enumerable.Range(0, callers).Select(_ => Task.Run(() => Call(proxy, authority)))];

    public long Answers => Interlocked.Read(ref _answers);

    public ConcurrentQueue<string> Failures { get; } = new();

    public static SteadyCalls Through(ProxyProcess proxy, string authority, int callers = 4) => new(proxy, authority, callers);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task Call(ProxyProcess proxy, string authority)
    {
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
        }
    }
}
