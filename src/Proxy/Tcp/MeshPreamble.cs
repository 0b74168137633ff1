using System.Buffers;
using System.IO.Pipelines;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// What a proxy says first on a connection of opaque bytes that goes on with mutual TLS. An application's own bytes may
/// begin in any way, with TLS of its own for instance, but not like this.
/// </summary>
internal static class MeshPreamble
{
    public static ReadOnlyMemory<byte> Bytes { get; } = "MESH-TLS/1\r\n"u8.ToArray();

    /// <summary>Takes the preamble off what a caller sends; when it says something else, nothing is taken.</summary>
    /// <returns>Null when it says nothing at all, and never will: whoever looks whether somebody listens.</returns>
    /// <exception cref="OperationCanceledException">The caller has said too little.</exception>
    public static async ValueTask<bool?> TrySkipAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var (isPreamble, isDecided) = Compare(read.Buffer);
            if (isPreamble)
            {
                input.AdvanceTo(read.Buffer.GetPosition(Bytes.Length));
                return true;
            }

            if (isDecided || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start);
                return read.Buffer.IsEmpty ? null : false;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static (bool IsPreamble, bool IsDecided) Compare(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> copy = stackalloc byte[Bytes.Length];
        var length = (int)Math.Min(buffer.Length, copy.Length);
        buffer.Slice(0, length).CopyTo(copy);
        var isSame = Bytes.Span.StartsWith(copy[..length]);
        return (isSame && length == Bytes.Length, !isSame);
    }
}
