namespace Mesh.Silo.Store;

/// <summary>TLS to a Redis whose connection string has <c>ssl=true</c>: sections <c>Mesh:RedisTls</c> and <c>Mesh:Peers:{region}:RedisTls</c>.</summary>
internal sealed class RedisTlsOptions
{
    /// <value>PEM file of the authorities one of which must have signed the server's certificate. Default: those the system trusts.</value>
    public string? Roots { get; set; }

    /// <value>PEM file of the certificate that the silo shows, its intermediates after it. Default: none.</value>
    public string? Certificate { get; set; }

    /// <value>PEM file of its private key.</value>
    public string? Key { get; set; }

    public bool IsEmpty => Roots is null && Certificate is null && Key is null;
}
