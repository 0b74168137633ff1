using System.Buffers;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// A request body that can be sent again from its start, as long as no more than 64 KiB of it were read. The first
/// try streams it all the same; what it has read is kept, and the next one goes on where the other stopped.
/// </summary>
/// <remarks>
/// Reads of the source are never cancelled with a try: Kestrel does not let a body be read on after that. A read that
/// outlives its try is picked up by the next one. One try reads at a time.
/// </remarks>
internal sealed class ReplayableBody : OneWayStream
{
    public const int Limit = 64 * 1024;

    private const int SmallestBuffer = 4 * 1024;

    private readonly Stream _source;
    private readonly int _limit;
    private readonly CancellationToken _callerLeft;
    private byte[] _recorded = [];
    private Task<int>? _pending;
    private int _length;
    private int _position;
    private volatile bool _hasEnded;
    private bool _isPastLimit;

    /// <param name="announced">The Content-Length; null when there is none. Of a body that is known to be too long nothing is kept.</param>
    public ReplayableBody(Stream source, long? announced, CancellationToken callerLeft)
    {
        _source = source;
        _limit = announced > Limit ? 0 : Limit;
        _callerLeft = callerLeft;
    }

    /// <summary>Whether <see cref="Rewind"/> leads back to the first byte.</summary>
    public bool CanReplay => !_isPastLimit;

    /// <summary>The next read starts at the first byte.</summary>
    public void Rewind() => _position = 0;

    /// <summary>The body, if all of it is there and recorded; null otherwise. Another thread may read meanwhile.</summary>
    public byte[]? TryCopyWhole() => _hasEnded && !_isPastLimit ? _recorded.AsSpan(0, _length).ToArray() : null;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _length && !_hasEnded)
        {
            if (_length == _limit)
            {
                return await ReadPastLimitAsync(buffer, cancellationToken);
            }

            await RecordAsync(cancellationToken);
        }

        // A read of nothing waits for data but takes none.
        var count = Math.Min(buffer.Length, _length - _position);
        _recorded.AsSpan(_position, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        // A read that is still waiting may write into the buffer.
        if (_pending is null or { IsCompleted: true })
        {
            ReleaseBuffer();
        }

        base.Dispose(disposing);
    }

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        _pending ??= ReadIntoRecord();
        var read = await _pending.WaitAsync(cancellationToken);
        _pending = null;
        _length += read;
        _hasEnded = read == 0;
    }

    private Task<int> ReadIntoRecord()
    {
        if (_length == _recorded.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, Math.Min(_limit, 2 * _length)));
            _recorded.AsSpan(0, _length).CopyTo(larger);
            ReleaseBuffer();
            _recorded = larger;
        }

        var room = Math.Min(_limit, _recorded.Length) - _length;
        return _source.ReadAsync(_recorded.AsMemory(_length, room), _callerLeft).AsTask();
    }

    private async ValueTask<int> ReadPastLimitAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var wasPastLimit = _isPastLimit;
        _isPastLimit = true;
        var read = await _source.ReadAsync(buffer, cancellationToken);
        if (read > 0)
        {
            ReleaseBuffer();
            return read;
        }

        // Nothing was taken; and when something was asked for, there is nothing more.
        _isPastLimit = wasPastLimit;
        _hasEnded = buffer.Length > 0;
        return 0;
    }

    private void ReleaseBuffer()
    {
        if (_recorded.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_recorded);
            _recorded = [];
        }
    }
}
