using System.Collections.Concurrent;
using System.Text;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// Knows whether anything of a request may have been sent. The HTTP client has no event for that, but it asks in what
/// encoding to write each header once it has a connection to write it to, and never before.
/// </summary>
/// <remarks>Only tries with a time limit of their own are watched; while there are none, a header costs one read.</remarks>
internal sealed class SendMonitor : IDisposable
{
    private static readonly ConcurrentDictionary<HttpRequestMessage, SendMonitor> Watched = new();
    private static int _watchedCount;

    private HttpRequestMessage? _request;
    private volatile bool _mayHaveBegun = true;

    /// <summary>False when certainly nothing was sent.</summary>
    public bool MayHaveBegun => _mayHaveBegun;

    /// <summary>For the HTTP client's <c>RequestHeaderEncodingSelector</c>: values pass through byte by byte.</summary>
    public static Encoding OnHeader(string name, HttpRequestMessage request)
    {
        if (Volatile.Read(ref _watchedCount) > 0 && Watched.TryGetValue(request, out var monitor))
        {
            monitor._mayHaveBegun = true;
        }

        return Encoding.Latin1;
    }

    /// <param name="request">About to be handed to the client, with all of its headers.</param>
    public void Watch(HttpRequestMessage request)
    {
        // One that would begin unseen counts as begun.
        if (HasHeaderToSee(request))
        {
            _request = request;
            _mayHaveBegun = false;
            Watched[request] = this;
            Interlocked.Increment(ref _watchedCount);
        }
    }

    public void Dispose()
    {
        if (_request is not null && Watched.TryRemove(_request, out _))
        {
            Interlocked.Decrement(ref _watchedCount);
        }
    }

    /// <summary>Over HTTP/2 the host is not one of the headers.</summary>
    private static bool HasHeaderToSee(HttpRequestMessage request)
    {
        foreach (var header in request.Headers.NonValidated)
        {
            if (request.Version.Major == 1 || !header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return request.Content?.Headers.NonValidated.Count > 0;
    }
}
