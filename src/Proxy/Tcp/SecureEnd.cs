using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Proxy.Tcp;

/// <summary>A caller's side that speaks mutual TLS.</summary>
internal sealed class SecureEnd(ConnectionContext connection, SslStream stream) : TunnelEnd, IAsyncDisposable
{
    public override PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <summary>A close_notify, which in TLS 1.3 ends one direction only (RFC 8446, section 6.1).</summary>
    public override async ValueTask FinishAsync()
    {
        await stream.ShutdownAsync();
        await stream.FlushAsync();
    }

    public override void Abort() => connection.Abort(new ConnectionAbortedException("the tunnel broke"));

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
