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

    /// <value>
    /// A PEM file of authorities: whoever calls by TLS has to show a certificate of one of them, valid now. Default: none is
    /// asked for. Proxies of the mesh show theirs in any case.
    /// </value>
    public string? ClientRoots { get; set; }

    /// <value>One of its alternative names must be one of these: DNS names, URIs. Default: any.</value>
    public List<string> ClientNames { get; set; } = [];

    /// <value>The least version of TLS, <c>1.2</c> (default) or <c>1.3</c>.</value>
    public string MinVersion { get; set; } = "1.2";
}
