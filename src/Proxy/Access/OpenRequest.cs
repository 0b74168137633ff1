using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Access;

/// <summary>A request, or a connection of opaque bytes, that was let in and is not over; it is ended when it may no longer go on.</summary>
internal sealed class OpenRequest
{
    private readonly AccessRequest _request;
    private HttpContext? _context;
    private ConnectionContext? _connection;

    public OpenRequest(in AccessRequest request, HttpContext context)
    {
        _request = request;
        _context = context;
    }

    public OpenRequest(in AccessRequest request, ConnectionContext connection)
    {
        _request = request;
        _connection = connection;
    }

    public AccessRequest Request => _request;

    /// <summary>Neighbours in its list; guarded by the list's lock.</summary>
    public OpenRequest? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    public OpenRequest? Previous { get; set; }

    /// <summary>The list it is in.</summary>
    public int Stripe { get; set; }

    /// <summary>It is over: what it ran on may serve another one now.</summary>
    public void End()
    {
        lock (this)
        {
            _context = null;
            _connection = null;
        }
    }

    /// <returns>False when it was over already.</returns>
    public bool Abort(string reason)
    {
        lock (this)
        {
            if (_context is null && _connection is null)
            {
                return false;
            }

            _context?.Abort();
            _connection?.Abort(new ConnectionAbortedException(reason));
            return true;
        }
    }
}
