using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>A steady load of unary and of server streaming gRPC calls. Every message of every answer is checked.</summary>
internal sealed class CheckedGrpcCalls : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _onTheirWay = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Task[] _callers;
    private long _unary;
    private long _streams;

    private CheckedGrpcCalls(ProxyProcess proxy, string authority, int callersOfEach)
    {
        _channel = GrpcChannel.ForAddress($"http://{authority}", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(IPAddress.Loopback, proxy.Settings.OutboundPort, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
        });
        var invoker = _channel.CreateCallInvoker();
        _callers =
        [
            .. Enumerable.Range(0, callersOfEach).Select(number => Task.Run(() => CallSteadily($"unary call {number}", name => Echo(invoker, name)))),
            .. Enumerable.Range(0, callersOfEach).Select(number => Task.Run(() => CallSteadily($"stream {number}", name => Count(invoker, name)))),
        ];
    }

    public long Unary => Interlocked.Read(ref _unary);

    public long Streams => Interlocked.Read(ref _streams);

    public ConcurrentQueue<string> Failures { get; } = new();

    public static CheckedGrpcCalls Start(ProxyProcess proxy, string authority, int callersOfEach = 4) => new(proxy, authority, callersOfEach);

    /// <summary>Calls that nobody checks, until everything on the way has answered a few times: a cold start takes its time.</summary>
    public static async Task WarmUp(ProxyProcess proxy, string authority)
    {
        await using var calls = Start(proxy, authority);
        await Eventually.Holds($"{authority} answers", () => calls.Unary > 100 && calls.Streams > 100, MeshProcess.StartDeadline);
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
        _channel.Dispose();
    }

    private async Task CallSteadily(string name, Func<string, Task> call)
    {
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            _onTheirWay[$"{name}.{number}"] = true;
            try
            {
                await call($"{name}.{number}");
            }
            catch (RpcException exception)
            {
                Failures.Enqueue($"{_clock.Elapsed.TotalSeconds:0.000} s: {name}.{number}: {exception.Status}");
            }

            _onTheirWay.TryRemove($"{name}.{number}", out _);

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task Echo(CallInvoker invoker, string name)
    {
        using var call = invoker.AsyncUnaryCall(CountingGrpc.EchoMethod, null, default, name);
        Expect(name, await call.ResponseAsync);
        Interlocked.Increment(ref _unary);
    }

    private async Task Count(CallInvoker invoker, string name)
    {
        using var call = invoker.AsyncServerStreamingCall(CountingGrpc.CountMethod, null, default, name);
        var count = 0;
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            Expect($"{name} {count++}", message);
        }

        Expect($"{CountingGrpc.Messages}", $"{count}");
        Interlocked.Increment(ref _streams);
    }

    private void Expect(string expected, string actual)
    {
        if (actual != expected)
        {
            Failures.Enqueue($"{_clock.Elapsed.TotalSeconds:0.000} s: '{actual}' instead of '{expected}'");
        }
    }
}
