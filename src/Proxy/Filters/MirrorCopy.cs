using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Mesh.Proxy.Filters;

/// <summary>
/// The body of one copy of a request: what the real request has read and the copy has not sent yet, at most 64 KiB. The
/// real request writes and never waits; a copy that lags behind further than that is given up.
/// </summary>
internal sealed class MirrorCopy : HttpContent
{
    /// <summary>In bytes.</summary>
    public const int Limit = 64 * 1024;

    private readonly Lock _writing = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: false));
    private long _unsent;
    private int _readers;
    private bool _isComplete;

    /// <summary>The copy cannot become whole any more, and not through a fault of who it goes to.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Takes bytes that the real request has read.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
        {
            if (_isComplete)
            {
                return;
            }

            if (Interlocked.Add(ref _unsent, bytes.Length) > Limit)
            {
                Complete(new IOException("the copy does not keep up with the request"));
                return;
            }

            _pipe.Writer.Write(bytes);

            // Never waits: the pipe has no threshold, the limit above stands in its place.
            var flushed = _pipe.Writer.FlushAsync();
            if (flushed.IsCompletedSuccessfully && flushed.Result.IsCompleted)
            {
                Complete(null);
            }
        }
    }

    /// <summary>The real request has read all of its body.</summary>
    public void End()
    {
        lock (_writing)
        {
            if (!_isComplete)
            {
                Complete(null);
            }
        }
    }

    /// <summary>The real request is over; what it has not read, nobody will.</summary>
    public void GiveUp()
    {
        lock (_writing)
        {
            if (!_isComplete)
            {
                Complete(new IOException("the request ended before its body"));
            }
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _readers) > 1)
        {
            throw new IOException("the copy's body is gone");
        }

        var reader = _pipe.Reader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                foreach (var segment in read.Buffer)
                {
                    await stream.WriteAsync(segment, cancellationToken);
                }

                await stream.FlushAsync(cancellationToken);
                Interlocked.Add(ref _unsent, -read.Buffer.Length);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            GiveUp();

            // Who is still sending must not lose the memory under its hands, and lets go of it itself.
            if (Interlocked.Increment(ref _readers) == 1)
            {
                _pipe.Reader.Complete();
            }
        }

        base.Dispose(disposing);
    }

    private void Complete(Exception? reason)
    {
        _isComplete = true;
        IsGivenUp = reason is not null;
        _pipe.Writer.Complete(reason);
    }
}
