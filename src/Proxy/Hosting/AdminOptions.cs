namespace Mesh.Proxy.Hosting;

/// <summary>The admin pages: section <c>Mesh:Admin</c>.</summary>
internal sealed class AdminOptions : ListenerOptions
{
    /// <value>A file with a token of at least 32 characters, which all pages but probes and metrics then need, and <c>POST /drain</c> always. Default: none, on loopback only.</value>
    public string? TokenFile { get; set; }

    /// <value>Headers that <c>/tap</c> does not show, besides credentials, cookies and certificates.</value>
    public List<string> RedactHeaders { get; set; } = [];
}
