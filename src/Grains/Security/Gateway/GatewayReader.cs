using System.Buffers;
using System.IO.Pipelines;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// What a client sends, as Orleans gets to see it: whole messages that were looked at, and nothing else. Copies nothing.
/// </summary>
internal sealed class GatewayReader(PipeReader inner, GatewayInspector inspector, MessagePace pace, TimeSpan preambleTimeout, TimeProvider time) : PipeReader
{
    /// <summary>How long a connection that is to end is left in silence first, so that whoever comes again at once costs little.</summary>
    private static readonly TimeSpan Penalty = TimeSpan.FromSeconds(1);

    private ReadOnlySequence<byte> _shown;

    /// <summary>Bytes at the start of the buffer that were shown and not taken.</summary>
    private long _checked;
    private bool _hasPreamble;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await Read(cancellationToken);
        }
        catch (DeniedException)
        {
            await Task.Delay(Penalty, time, cancellationToken);
            throw;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _checked = _shown.Slice(consumed).Length;
        _shown = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException("Read it with ReadAsync.");

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private async ValueTask<ReadResult> Read(CancellationToken cancellationToken)
    {
        using var limit = _hasPreamble ? null : new CancellationTokenSource(preambleTimeout, time);
        using var linked = limit is null ? null : CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (true)
        {
            ReadResult read;
            try
            {
                read = await inner.ReadAsync(linked?.Token ?? cancellationToken);
            }
            catch (OperationCanceledException) when (limit is { IsCancellationRequested: true })
            {
                throw inspector.Deny(new DeniedException(DenialReason.Silence, "a connection that does not say which client it is"));
            }

            var good = _checked;
            var messages = 0;
            var next = Check(read.Buffer.Slice(good));
            while (next is { IsComplete: true, IsGood: true })
            {
                good += next.Length;
                messages++;
                if (next.IsPreamble)
                {
                    // By itself: until it is taken, the messages after it cannot be told from it.
                    break;
                }

                next = Check(read.Buffer.Slice(good));
            }

            if (good == 0 && next is { IsComplete: true, IsGood: false })
            {
                inner.AdvanceTo(read.Buffer.GetPosition(next.Length));
                continue;
            }

            if (good > 0 || read.IsCanceled || read.IsCompleted)
            {
                if (pace.Take(messages) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, time, cancellationToken);
                }

                _shown = read.Buffer.Slice(0, good);
                return new ReadResult(_shown, read.IsCanceled, read.IsCompleted && (good == read.Buffer.Length || next is not { IsComplete: true }));
            }

            inner.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private Piece Check(ReadOnlySequence<byte> rest)
    {
        var piece = inspector.Look(rest, isPreamble: !_hasPreamble);
        _hasPreamble |= piece.IsComplete;
        return piece;
    }

    /// <summary>The next message of what was read.</summary>
    /// <param name="Length">In bytes, with its prefix; when complete.</param>
    /// <param name="IsGood">False when it is to be left out.</param>
    internal readonly record struct Piece(bool IsComplete, long Length, bool IsGood, bool IsPreamble);
}
