namespace Mesh.Proxy.Hosting;

/// <summary>The certificate of a listener that may be called by TLS as well.</summary>
internal sealed class CertificateOptions
{
    /// <value>A PEM file (the certificate first, then its chain) or a PKCS #12 file. Default: none, and then TLS is refused.</value>
    public string? Path { get; set; }

    /// <value>A PEM file with the private key. Default: it is in <see cref="Path"/>.</value>
    public string? KeyPath { get; set; }

    /// <value>Of the private key. Default: none.</value>
    public string? Password { get; set; }
}
