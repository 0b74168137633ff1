using System.Collections.Concurrent;
using System.Net;
using Mesh.Abstractions.Connections;

namespace Mesh.Grains.Tests.Security;

internal sealed class RecordingTlsObserver : ITlsObserver
{
    private int _plaintext;

    public ConcurrentQueue<string> Reasons { get; } = new();

    public int PlaintextConnections => _plaintext;

    public void Failed(EndPoint? peer, string reason, string detail) => Reasons.Enqueue(reason);

    public void Plaintext(EndPoint? peer) => Interlocked.Increment(ref _plaintext);
}
