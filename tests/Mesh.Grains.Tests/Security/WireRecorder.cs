using System.IO.Pipelines;
using System.Text;
using Mesh.Abstractions.Connections;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Grains.Tests.Security;

/// <summary>Keeps all that a client receives, as bytes.</summary>
internal sealed class WireRecorder
{
    private readonly Lock _lock = new();
    private readonly List<byte> _received = [];

    public ConnectionDelegate Use(ConnectionDelegate next) => context => TransportPipes.Run(
        context, new TransportPipes(PipeReader.Create(new Tee(context.Transport.Input.AsStream(), this)), context.Transport.Output), next);

    public bool Contains(string text)
    {
        lock (_lock)
        {
            return _received.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
        }
    }

    private sealed class Tee(Stream inner, WireRecorder recorder) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            lock (recorder._lock)
            {
                recorder._received.AddRange(buffer.Span[..read]);
            }

            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
