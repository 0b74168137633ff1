using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Connections;

/// <summary>
/// Who the other end of a control-plane connection has proved to be: a silo
/// (<c>spiffe://trust-domain/mesh/silo</c>) or a proxy of a service (<c>spiffe://trust-domain/ns/shop/svc/web</c>).
/// </summary>
/// <param name="Service">The service whose proxy it is; null for a silo.</param>
public readonly record struct PeerIdentity(ServiceName? Service)
{
    private const string SiloPath = "/mesh/silo";

    public bool IsSilo => Service is null;

    /// <summary>The SPIFFE ID of every silo of a trust domain.</summary>
    public static string OfSilo(string trustDomain) => $"spiffe://{trustDomain}{SiloPath}";

    /// <returns>False when the text is no identity of a silo or of a service in this trust domain.</returns>
    public static bool TryParse(string spiffeId, string trustDomain, out PeerIdentity identity)
    {
        identity = default;
        var start = $"spiffe://{trustDomain}/";
        if (!spiffeId.StartsWith(start, StringComparison.Ordinal))
        {
            return false;
        }

        if (spiffeId.AsSpan(start.Length - 1).SequenceEqual(SiloPath))
        {
            return true;
        }

        if (spiffeId[start.Length..].Split('/') is ["ns", var @namespace, "svc", var name]
            && ServiceName.TryParse($"{@namespace}/{name}", out var service))
        {
            identity = new PeerIdentity(service);
            return true;
        }

        return false;
    }

    public override string ToString() => Service is { } service ? $"a proxy of {service}" : "a silo";
}
