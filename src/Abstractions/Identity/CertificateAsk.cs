namespace Mesh.Abstractions.Identity;

/// <summary>
/// What a proxy sends to get its certificate: a signing request, and exactly one proof of who it is. It is written to
/// no log: <see cref="ToString"/> has none of it.
/// </summary>
public sealed record CertificateAsk
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>A PKCS #10 request in PEM. Only its key is used.</summary>
    public required string Csr { get; init; }

    /// <summary>A join token.</summary>
    public string? Token { get; init; }

    /// <summary>The token of a Kubernetes service account, which the API server is asked about (TokenReview).</summary>
    public string? ServiceAccountToken { get; init; }

    /// <summary>The certificate the proxy has, and a signature by its key.</summary>
    public RenewalProof? Renewal { get; init; }

    public override string ToString() => nameof(CertificateAsk);
}
