using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// The requests of one connection, for the sake of those taken back before they were answered. Over HTTP/2 that costs a caller
/// two small frames, and no slot (RFC 9113, section 5.1.2), but the mesh a request: whoever takes back most of many has its
/// connection closed, gracefully; whoever goes on has it cut.
/// </summary>
internal sealed class ConnectionRequests(ConnectionContext connection, TimeProvider time, TakenBackLog log)
{
    /// <summary>Fewer within <see cref="Window"/> are borne: applications have deadlines, and hedge.</summary>
    public const int MaxTakenBack = 500;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _begun;
    private long _windowStart = time.GetTimestamp();
    private long _begunBefore;
    private int _takenBack;
    private bool _isClosing;

    public void Begin() => Interlocked.Increment(ref _begun);

    /// <summary>A request ended because its caller no longer wants the answer, and had nothing of it yet.</summary>
    public void TakeBack()
    {
        bool isCut;
        int count;
        lock (_lock)
        {
            var begun = Interlocked.Read(ref _begun);
            if (time.GetElapsedTime(_windowStart) >= Window)
            {
                (_windowStart, _begunBefore, _takenBack) = (time.GetTimestamp(), begun - 1, 0);
            }

            count = ++_takenBack;
            if (count < MaxTakenBack || count * 2L <= begun - _begunBefore)
            {
                return;
            }

            (isCut, _isClosing, _takenBack) = (_isClosing, true, 0);
            _begunBefore = begun;
        }

        log.Write(connection.RemoteEndPoint, count, isCut);
        if (isCut)
        {
            connection.Abort(new ConnectionAbortedException("requests were taken back, and no end of it"));
        }
        else
        {
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }
}
