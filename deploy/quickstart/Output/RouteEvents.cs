namespace Mesh.Quickstart.Output;

internal sealed class RouteEvents(Uri api, EventLog events, TimeProvider time)
{
    public Task WatchAsync(CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
}
