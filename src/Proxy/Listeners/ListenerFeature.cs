namespace Mesh.Proxy.Listeners;

/// <summary>A connection's feature that says which listener accepted it, and counts its requests.</summary>
internal sealed record ListenerFeature(ListenerKind Kind, ConnectionRequests Requests)
{
    /// <summary>To be called when a request ends without an answer because its caller does not want it any more.</summary>
    public static void TakeBack(HttpContext context)
    {
        if (!context.Response.HasStarted)
        {
            context.Features.Get<ListenerFeature>()?.Requests.TakeBack();
        }
    }

    /// <summary>Waits for something that a request needs before it goes anywhere.</summary>
    /// <exception cref="OperationCanceledException">Its caller does not want it any more; that was counted.</exception>
    public static async ValueTask<T> TakingBackAsync<T>(HttpContext context, ValueTask<T> needed)
    {
        try
        {
            return await needed;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            TakeBack(context);
            throw;
        }
    }
}
