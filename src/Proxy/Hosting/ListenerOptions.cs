namespace Mesh.Proxy.Hosting;

internal class ListenerOptions
{
    /// <value><c>http://</c>, an IP address or <c>localhost</c>, and a port; port 0 takes a free one.</value>
    public required string Url { get; set; }

    /// <value>Lets the listener be called by TLS as well, on the same port. Default: none. Not for the admin listener.</value>
    public CertificateOptions Certificate { get; set; } = new();
}
