using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Filters;

/// <summary>A request's body that hands what is read from it to the request's copies as well.</summary>
internal sealed class TeeBody : OneWayStream
{
    private readonly HttpRequest _request;
    private readonly Stream _source;
    private readonly List<MirrorCopy> _copies;
    private long _left;

    /// <summary>Puts itself in the place of the request's body.</summary>
    public TeeBody(HttpRequest request, List<MirrorCopy> copies)
    {
        _request = request;
        _source = request.Body;
        _copies = copies;
        _left = request.ContentLength ?? long.MaxValue;
        request.Body = this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _source.ReadAsync(buffer, cancellationToken);
        if (read > 0)
        {
            foreach (var copy in _copies)
            {
                copy.Write(buffer.Span[..read]);
            }
        }

        // A reader that knows the length does not ask for the end; a read of nothing waits for data but is none.
        _left -= read;
        if ((read == 0 && buffer.Length > 0) || _left <= 0)
        {
            foreach (var copy in _copies)
            {
                copy.End();
            }
        }

        return read;
    }

    /// <summary>Gives the request its own body back, which is not this stream's to dispose of.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _request.Body = _source;
            foreach (var copy in _copies)
            {
                copy.GiveUp();
            }
        }

        base.Dispose(disposing);
    }
}
