using System.Net;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>A body that comes in four pieces with pauses between them, so that a try may fail before all of it was there.</summary>
internal sealed class PiecewiseContent(byte[] body) : HttpContent
{
    private const int Pieces = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var piece in body.Chunk((body.Length + Pieces - 1) / Pieces))
        {
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
