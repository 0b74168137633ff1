namespace Mesh.Abstractions.Traffic;

/// <summary>
/// TLS from the caller's proxy to endpoints that are no proxies of the mesh, such as a service outside of it. Endpoints that have an
/// identity are called by mutual TLS all the same.
/// </summary>
public sealed record UpstreamTls
{
    /// <summary>The DNS name that is asked for (SNI, RFC 6066), and that the certificate must be for unless <see cref="SubjectAltNames"/> says otherwise.</summary>
    public required string ServerName { get; init; }

    /// <summary>One of the certificate's alternative names must be one of these: DNS names, or URIs such as SPIFFE IDs.</summary>
    public IReadOnlyList<string> SubjectAltNames { get; init; } = [];

    /// <summary>The authorities to trust, as PEM. Null is those that the proxy's system trusts.</summary>
    public string? Roots { get; init; }

    /// <summary>The least version, <c>1.2</c> or <c>1.3</c>.</summary>
    public string MinVersion { get; init; } = "1.2";

    public bool Equals(UpstreamTls? other) => other is not null
        && ServerName == other.ServerName && Roots == other.Roots && MinVersion == other.MinVersion
        && SubjectAltNames.SequenceEqual(other.SubjectAltNames, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(ServerName, Roots, MinVersion, SubjectAltNames.Count);
}
