using System.IO.Pipelines;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// What the silo sends to a client. Its requests are noted as they pass, so that nothing but their answers is let in.
/// Copies nothing: a message's first bytes are looked at where the serializer wrote them.
/// </summary>
internal sealed class GatewayWriter(PipeWriter inner, GatewayInspector inspector) : PipeWriter
{
    private Memory<byte> _chunk;

    /// <summary>Bytes of the current message that are still to come; 0 between messages.</summary>
    private long _rest;
    private bool _hasPreamble;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _chunk = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes > 0)
        {
            var written = _chunk.Span[..bytes];
            if (_rest == 0)
            {
                _rest = _hasPreamble ? inspector.Sent(written) : GatewayInspector.PreambleLength(written);
                _hasPreamble = true;
            }

            _rest -= bytes;
        }

        inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
