using System.Buffers;
using System.Net.Sockets;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// Passes bytes in both directions until both sides have said that no more come. When one says so, only its direction
/// ends. A tunnel in which nothing moves holds no buffer of ours.
/// </summary>
internal static class TunnelPump
{
    private const int BufferSize = 32 * 1024;

    /// <summary>Ends when both directions have ended, or when one broke, and then both are broken off. Never throws for what peers do.</summary>
    public static async Task RunAsync(EndpointConnection endpoint, TunnelEnd caller, TunnelStats stats)
    {
        using var stop = new CancellationTokenSource();
        var there = IsWholeAsync(SendAsync(caller, endpoint, stats, stop.Token));
        var back = IsWholeAsync(ReceiveAsync(endpoint, caller, stats, stop.Token));
        var first = await Task.WhenAny(there, back);
        if (!await first || !await (first == there ? back : there))
        {
            endpoint.Reset();
            caller.Abort();
            await stop.CancelAsync();

            // What TLS has to say at the end cannot be cancelled, and an endpoint that reads nothing would keep it from being said.
            endpoint.Dispose();
            await Task.WhenAll(there, back);
        }
    }

    private static async Task SendAsync(TunnelEnd caller, EndpointConnection endpoint, TunnelStats stats, CancellationToken stop)
    {
        var input = caller.Input;
        while (true)
        {
            var read = await input.ReadAsync(stop);
            foreach (var segment in read.Buffer)
            {
                await endpoint.Stream.WriteAsync(segment, stop);
            }

            stats.AddSent(read.Buffer.Length);
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await endpoint.FinishAsync();
                return;
            }
        }
    }

    private static async Task ReceiveAsync(EndpointConnection endpoint, TunnelEnd caller, TunnelStats stats, CancellationToken stop)
    {
        while (true)
        {
            // Waits for data before it takes a buffer.
#pragma warning disable CA2022 // Nothing is meant to be read.
            await endpoint.Stream.ReadAsync(Memory<byte>.Empty, stop);
#pragma warning restore CA2022
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                var count = await endpoint.Stream.ReadAsync(buffer.AsMemory(), stop);
                if (count == 0)
                {
                    await caller.FinishAsync();
                    return;
                }

                stats.AddReceived(count);
                await caller.WriteAsync(buffer.AsMemory(0, count), stop);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async Task<bool> IsWholeAsync(Task direction)
    {
        try
        {
            await direction;
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }
}
