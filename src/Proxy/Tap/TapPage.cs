using System.Text;
using Mesh.Abstractions.Json;

namespace Mesh.Proxy.Tap;

/// <summary>Requests as they are answered, as server-sent events (WHATWG HTML, section 9.2).</summary>
internal sealed class TapPage(TapHub hub, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    /// <returns>False when as many watch already as may.</returns>
    public async Task<bool> TryStreamAsync(HttpContext context, TapFilter filter)
    {
        if (!hub.TryAdd(filter, out var listener))
        {
            return false;
        }

        using var timer = new CancellationTokenSource(filter.Length, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, timer.Token);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await WriteAsync(context, ": watching\n\n", end.Token);
            await FollowAsync(context, listener, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The client left, its time is over, or the proxy stops: a stream has no other end.
        }
        finally
        {
            hub.Remove(listener);
        }

        return true;
    }

    private async Task FollowAsync(HttpContext context, TapListener listener, CancellationToken end)
    {
        var dropped = 0L;
        var wroteAt = time.GetTimestamp();
        while (true)
        {
            var text = new StringBuilder();
            if (await WaitAsync(listener, end))
            {
                while (text.Length < 64 * 1024 && listener.Events.TryRead(out var seen))
                {
                    text.Append("data: ").Append(Encoding.UTF8.GetString(MeshJson.Encode(seen))).Append("\n\n");
                }
            }
            else if (time.GetElapsedTime(wroteAt) >= Beat)
            {
                text.Append(": still here\n\n");
            }

            if (listener.Dropped > dropped)
            {
                text.Append("event: dropped\ndata: ").Append(listener.Dropped - dropped).Append("\n\n");
                dropped = listener.Dropped;
            }

            if (text.Length > 0)
            {
                await WriteAsync(context, text.ToString(), end);
                wroteAt = time.GetTimestamp();
            }
        }
    }

    /// <returns>False when nothing came for a while.</returns>
    private async Task<bool> WaitAsync(TapListener listener, CancellationToken end)
    {
        using var beat = new CancellationTokenSource(Look, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(beat.Token, end);
        try
        {
            return await listener.Events.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken end)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), end);
        await context.Response.Body.FlushAsync(end);
    }
}
