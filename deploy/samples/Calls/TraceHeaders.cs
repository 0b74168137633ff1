namespace Mesh.Samples.Calls;

/// <summary>
/// Passes the trace of the request being answered on to the calls made for it (W3C Trace Context and Baggage). This is
/// all an application has to do for the mesh to join its hops to one trace.
/// </summary>
internal sealed class TraceHeaders(IHttpContextAccessor context) : DelegatingHandler
{
    private static readonly string[] Names = ["traceparent", "tracestate", "baggage"];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (context.HttpContext?.Request.Headers is { } incoming)
        {
            foreach (var name in Names)
            {
                if (incoming.TryGetValue(name, out var values))
                {
                    request.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
                }
            }
        }

        return base.SendAsync(request, cancellationToken);
    }
}
