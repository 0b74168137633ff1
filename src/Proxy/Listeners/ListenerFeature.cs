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
}
