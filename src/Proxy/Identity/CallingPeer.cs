using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Identity;

/// <summary>A connection's feature: who is at its other end, proved by mutual TLS.</summary>
/// <param name="Identity">A SPIFFE ID of our trust domain.</param>
/// <param name="ForwardedCertificate">What the application is told: the value of <c>x-forwarded-client-cert</c>.</param>
internal sealed record CallingPeer(string Identity, string ForwardedCertificate)
{
    /// <summary>The namespace of the identity; null when it is of no service.</summary>
    public string? Namespace { get; } = SpiffeId.TryGetService(Identity, out var service) ? service.Namespace : null;
}
