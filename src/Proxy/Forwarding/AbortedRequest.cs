namespace Mesh.Proxy.Forwarding;

/// <summary>
/// A request's feature that says that its answer did not come to its end: the caller went away, or the proxy cut it off. The status that
/// is set then was never sent, or is that of half an answer. For those who show requests; measurements have their own way.
/// </summary>
/// <param name="Error">Why the proxy cut it off; null when the caller went away.</param>
internal sealed record AbortedRequest(ProxyError? Error)
{
    private static readonly AbortedRequest ByCaller = new((ProxyError?)null);

    public static void MarkLeft(HttpContext context) => context.Features.Set(ByCaller);

    public static void MarkCut(HttpContext context, ProxyError error) => context.Features.Set(new AbortedRequest(error));

    /// <returns>Null when it has been answered.</returns>
    public static AbortedRequest? Find(HttpContext context) => context.Features.Get<AbortedRequest>()
        ?? (context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? ByCaller : null);
}
