using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Telemetry;

/// <summary>How often the proxy itself answered, by error.</summary>
internal sealed class ErrorCounters
{
    private readonly long[] _counts = new long[ProxyError.All.Count];

    public void Count(ProxyError error) => Interlocked.Increment(ref _counts[error.Index]);

    public long CountOf(ProxyError error) => Volatile.Read(ref _counts[error.Index]);
}
