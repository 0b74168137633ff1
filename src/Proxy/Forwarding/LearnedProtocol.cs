using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// What an endpoint of a service with <see cref="ServiceProtocol.Auto"/> speaks. It is asked once, by the first request
/// that goes there, and again after it could not be talked to: another program may have taken its place.
/// </summary>
internal sealed class LearnedProtocol
{
    private readonly Lock _lock = new();
    private Task<ServiceProtocol>? _answer;

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
                answer = _answer is null or { IsCompleted: true, IsCompletedSuccessfully: false }
                    ? _answer = ProtocolProbe.AskAsync(endpoint.Endpoint.Host, endpoint.Endpoint.Port, connectTimeout)
                    : _answer;
            }
        }

        return new ValueTask<ServiceProtocol>(answer.WaitAsync(cancellationToken));
    }

    public void Forget() => Volatile.Write(ref _answer, null);
}
