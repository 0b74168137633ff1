namespace Mesh.Proxy.Identity;

/// <summary>How the proxy proves who it is to get its certificate: section <c>Mesh:Identity</c>. Without a proof it has no identity and speaks plaintext.</summary>
internal sealed class IdentityOptions
{
    /// <value>A join token (<c>POST /v1/identity/tokens</c>).</value>
    public string? Token { get; set; }

    /// <value>A file with a join token; it is read each time one is needed.</value>
    public string? TokenFile { get; set; }

    /// <value>A file with the token of a Kubernetes service account, made for the audience of <c>Mesh:Identity:Kubernetes:Audience</c>.</value>
    public string? ServiceAccountTokenFile { get; set; }

    /// <value>A PEM file with a certificate of the trust domain, then its chain, which proves the identity the first time.</value>
    public string? Certificate { get; set; }

    /// <value>A PEM file with its private key (ECDSA).</value>
    public string? Key { get; set; }

    /// <value>Where the key and the certificate are kept, in a file only this user can read. Default: <c>identity</c> in <c>Mesh:DataDirectory</c>; empty keeps them in memory only.</value>
    public string? Directory { get; set; }

    /// <summary>Whether the proxy wants an identity.</summary>
    public bool IsEnabled => Token is not null || TokenFile is not null || ServiceAccountTokenFile is not null || Certificate is not null;

    /// <summary>All that is wrong, by its key.</summary>
    public IEnumerable<string> Validate()
    {
        if (new[] { Token, TokenFile, ServiceAccountTokenFile, Certificate }.Count(static proof => proof is not null) > 1)
        {
            yield return "Mesh:Identity has several proofs; give one of Token, TokenFile, ServiceAccountTokenFile and Certificate (with Key).";
        }

        if (Certificate is null != Key is null)
        {
            yield return "Mesh:Identity:Certificate and Mesh:Identity:Key belong together; give both, or neither.";
        }

        foreach (var (key, file) in new[] { ("Certificate", Certificate), ("Key", Key) })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return $"Mesh:Identity:{key} is '{file}', where there is no file this process can read.";
            }
        }
    }
}
