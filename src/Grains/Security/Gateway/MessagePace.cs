namespace Mesh.Grains.Security.Gateway;

/// <summary>How fast one client's messages are read. The rest waits where it came from, and costs nobody but the sender.</summary>
internal sealed class MessagePace(int perSecond, int burst, TimeProvider time)
{
    /// <summary>In one go, so that a connection can be closed soon.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private double _left = burst;
    private long _at = time.GetTimestamp();

    /// <returns>How long to wait before the messages are handed on; zero most of the time.</returns>
    public TimeSpan Take(int messages)
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond)) - messages;
        _at = now;
        var wait = _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
        return wait < MaxWait ? wait : MaxWait;
    }
}
