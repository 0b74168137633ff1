using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// What an endpoint of a service with <see cref="ServiceProtocol.Auto"/> speaks. It is asked once, by the first request
/// that goes there, and again after it could not be talked to: another program may have taken its place.
/// </summary>
internal sealed class LearnedProtocol(TimeProvider time)
{
    /// <summary>What was learned less than a second ago is not doubted.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<ServiceProtocol>? _answer;
    private long _askedAt;

    /// <summary>Null as long as nobody asked, or got an answer.</summary>
    public ServiceProtocol? Known => Volatile.Read(ref _answer) is { IsCompletedSuccessfully: true } answer ? answer.Result : null;

    /// <summary>Asks, or waits for who asks already.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The endpoint cannot be asked.</exception>
    /// <exception cref="OperationCanceledException">It took too long for this request.</exception>
    public ValueTask<ServiceProtocol> GetAsync(UpstreamEndpoint endpoint, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        if (Known is { } known)
        {
            return ValueTask.FromResult(known);
        }

        var answer = Volatile.Read(ref _answer);

        if (answer is null or { IsCompleted: true })
        {
            lock (_lock)
            {
                if (_answer is null or { IsCompleted: true, IsCompletedSuccessfully: false })
                {
                    Volatile.Write(ref _askedAt, time.GetTimestamp());
                    _answer = ProtocolProbe.AskAsync(endpoint.Endpoint.Host, endpoint.Endpoint.Port, connectTimeout);
                }

                answer = _answer;
            }
        }

        return new ValueTask<ServiceProtocol>(answer.WaitAsync(cancellationToken));
    }

    /// <summary>After an answer that a server gives to what it does not understand: asks again, but not for each.</summary>
    public void Doubt()
    {
        if (time.GetElapsedTime(Volatile.Read(ref _askedAt)) > Trust)
        {
            Forget();
        }
    }

    public void Forget() => Volatile.Write(ref _answer, null);
}
