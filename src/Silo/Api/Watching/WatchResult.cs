using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Storage;
using Mesh.Silo.Api.Responses;

namespace Mesh.Silo.Api.Watching;

/// <summary>
/// Answers with a stream of events: the state now, then one event for each change. A hint from the change feed makes
/// it look; since hints get lost and may come before the grain is done, it also looks from time to time. States that
/// follow each other faster than the client reads are skipped, never queued, so a slow client delays only itself.
/// </summary>
internal sealed class WatchResult(
    Representation first,
    Func<Task<Representation?>> read,
    WatchScope scope,
    IChangeFeed feed,
    WatcherLimit limit,
    Func<ValueTask<bool>> isAllowed,
    TimeProvider time,
    CancellationToken stopping) : IResult
{
    private static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(15);

    /// <summary>How soon to look again after a hint that came before its change could be seen.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(100);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var place = limit.Enter();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);

        // Not disposed: the feed may still be calling when its subscription ends.
        var hints = new SemaphoreSlim(0, 1);
        using var subscription = scope.IsConcerned is null ? null : feed.Subscribe(service => Hint(service, hints));
        var stream = new EventStreamWriter(httpContext.Response);
        stream.Start();
        try
        {
            await Follow(stream, hints, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The client left, or the silo stops: a stream has no other end.
        }
    }

    private async Task Follow(EventStreamWriter stream, SemaphoreSlim hints, CancellationToken end)
    {
        Representation? sent = first;
        var sentAt = time.GetTimestamp();
        await stream.Put(first, end);

        // The first look is at once, for what happened between the first state and the subscription.
        var wait = TimeSpan.Zero;
        while (true)
        {
            var isHinted = await hints.WaitAsync(wait, end);
            if (!await isAllowed())
            {
                // The token was revoked, or has expired.
                return;
            }

            var current = await Look(sent);
            if (current?.EntityTag != sent?.EntityTag)
            {
                await (current is null ? stream.Delete(end) : stream.Put(current, end));
                sent = current;
                sentAt = time.GetTimestamp();
                wait = scope.Period;
            }
            else
            {
                if (time.GetElapsedTime(sentAt) >= HeartbeatPeriod)
                {
                    await stream.Beat(end);
                    sentAt = time.GetTimestamp();
                }

                wait = isHinted ? SecondLook : scope.Period;
            }

            await Task.Delay(scope.MinGap, time, end);
        }
    }

    /// <summary>While the control plane cannot answer, nothing has changed as far as anybody knows.</summary>
    private async Task<Representation?> Look(Representation? known)
    {
        try
        {
            return await read();
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException or OrleansException)
        {
            return known;
        }
    }

    private void Hint(ServiceName service, SemaphoreSlim hints)
    {
        if (!scope.IsConcerned!(service))
        {
            return;
        }

        try
        {
            hints.Release();
        }
        catch (SemaphoreFullException)
        {
            // A hint waits already.
        }
    }
}
