using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>
/// A steady load of several kinds of requests on one service. Every answer is checked: a 2xx that does not have the digest
/// of the request's body is a failure too.
/// </summary>
internal sealed class CheckedCalls : IAsyncDisposable
{
    /// <summary>Between two calls of a caller, unless the first took longer.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private static int _runs;

    private readonly int _run = Interlocked.Increment(ref _runs);
    private readonly string _authority;
    private readonly HttpClient[] _clients;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<CallKind, long> _answered = new();
    private readonly ConcurrentDictionary<string, bool> _onTheirWay = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Task[] _callers;
    private readonly Uri _proxy;

    private CheckedCalls(ProxyProcess proxy, string authority, IEnumerable<CallKind> kinds, int callersOfEach)
    {
        _authority = authority;
        _proxy = proxy.Outbound.BaseAddress!;
        _clients = [Client(HttpVersion.Version11), Client(HttpVersion.Version20)];
        _callers = [.. kinds.SelectMany(kind => Enumerable.Range(0, callersOfEach).Select(number => Task.Run(() => CallSteadily(kind, number))))];
    }

    /// <summary>Calls that were answered with 2xx and the right digest.</summary>
    public IReadOnlyDictionary<CallKind, long> Answered => _answered;

    /// <summary>Everything else.</summary>
    public ConcurrentQueue<(CallKind Kind, string Description)> Failures { get; } = new();

    public static CheckedCalls Start(ProxyProcess proxy, string authority, IEnumerable<CallKind> kinds, int callersOfEach = 2) =>
        new(proxy, authority, kinds, callersOfEach);

    /// <summary>Calls that nobody checks, until everything on the way has answered a few times: a cold start takes its time.</summary>
    public static async Task WarmUp(ProxyProcess proxy, string authority, IReadOnlyCollection<CallKind> kinds)
    {
        await using var calls = Start(proxy, authority, kinds);
        await Eventually.Holds(
            $"{authority} answers", () => kinds.All(kind => calls.Answered.GetValueOrDefault(kind) > 20), MeshProcess.StartDeadline);
    }

    /// <summary>Done when the calls are over that are on their way now.</summary>
    public Task Settled()
    {
        var begun = _onTheirWay.Keys.ToArray();
        return Eventually.Holds("calls are over", () => !begun.Any(_onTheirWay.ContainsKey), TimeSpan.FromSeconds(30));
    }

    /// <summary>No new calls from now on; done when those on their way are over.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
        Array.ForEach(_clients, static client => client.Dispose());
    }

    private static HttpClient Client(Version version) =>
        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null })
        {
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };

    private async Task CallSteadily(CallKind kind, int number)
    {
        var body = new byte[kind.BodyLength];
        new Random(number).NextBytes(body);
        var digest = FaultyApplication.DigestOf(body);
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        for (var call = 0; !_stop.IsCancellationRequested; call++)
        {
            var name = $"{kind} #{_run}.{number}.{call}";
            _onTheirWay[name] = true;
            var failure = await Call(kind, name, body, digest);
            _onTheirWay.TryRemove(name, out _);
            if (failure is null)
            {
                _answered.AddOrUpdate(kind, 1, static (_, count) => count + 1);
            }
            else
            {
                Failures.Enqueue((kind, $"{_clock.Elapsed.TotalSeconds:0.000} s: {name} of {_authority}: {failure}"));
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <returns>What went wrong; null when nothing did.</returns>
    private async Task<string?> Call(CallKind kind, string name, byte[] body, string digest)
    {
        var client = _clients[kind.HttpVersion - 1];
        using var request = new HttpRequestMessage(new HttpMethod(kind.Method), _proxy)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        request.Headers.Host = _authority;
        request.Headers.Add(FaultyApplication.CallHeader, name);
        if (body.Length > 0)
        {
            request.Content = kind.IsPiecewise ? new PiecewiseContent(body) : new ByteArrayContent(body);
        }

        var started = _clock.Elapsed;
        try
        {
            using var answer = await client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            return answer.StatusCode == HttpStatusCode.OK && text == digest
                ? null
                : $"{(int)answer.StatusCode} '{text.Trim()}' after {(_clock.Elapsed - started).TotalMilliseconds:0} ms";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return $"{exception.Message} {exception.InnerException?.Message} after {(_clock.Elapsed - started).TotalMilliseconds:0} ms";
        }
    }
}
