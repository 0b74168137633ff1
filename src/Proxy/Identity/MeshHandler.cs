using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Identity;

/// <summary>Sends what is made for an endpoint's address by mutual TLS where requests would be.</summary>
internal sealed class MeshHandler(HttpMessageHandler inner, MeshDialer dialer, UpstreamEndpoint endpoint) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (dialer.IsSecure(endpoint))
        {
            request.RequestUri = RequestTarget.Combine(endpoint.SecurePrefix!, request.RequestUri!.PathAndQuery);
            request.Version = UpstreamClient.For(UpstreamClient.SecureProtocol(endpoint)).Version!;
            MeshDialer.Address(request, endpoint);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
