namespace Mesh.Samples.Calls;

/// <summary>Says which service a call is for where the address is the sidecar's: it becomes HTTP/2's <c>:authority</c>.</summary>
internal sealed class AuthorityHeader(string authority) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Host = authority;
        return base.SendAsync(request, cancellationToken);
    }
}
