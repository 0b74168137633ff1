namespace Mesh.Proxy.Hosting;

/// <summary>How the proxy proves who it is: key <c>Mesh:Identity</c>.</summary>
internal sealed class IdentityOptions
{
    /// <value>A PEM file: the certificate, with the identity of the application's service, then its intermediates. Default: none.</value>
    public string? Certificate { get; set; }

    /// <value>A PEM file with its key.</value>
    public string? Key { get; set; }

    /// <value>A PEM file with the roots to trust.</value>
    public string? Roots { get; set; }

    /// <value>Whether gateways are reached by TLS only, whatever the control plane says. Default: as it says.</value>
    public bool RequireTls { get; set; }

    public bool IsConfigured => Certificate is not null || Key is not null || Roots is not null;
}
