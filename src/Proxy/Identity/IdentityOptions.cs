namespace Mesh.Proxy.Identity;

/// <summary>
/// Who the proxy is: section <c>Mesh:Identity</c>. It has files that somebody else renews, or a proof by which it gets its
/// certificate from the control plane, or neither; then it has no identity and speaks plaintext.
/// </summary>
internal sealed class IdentityOptions
{
    /// <value>A PEM file: the certificate, with the identity of the application's service, then its intermediates. Default: none.</value>
    public string? Certificate { get; set; }

    /// <value>A PEM file with its key.</value>
    public string? Key { get; set; }

    /// <value>A PEM file with the roots to trust.</value>
    public string? Roots { get; set; }

    /// <value>A join token (<c>POST /v1/identity/tokens</c>). A process's arguments can be read by others: prefer the file, or the environment.</value>
    public string? Token { get; set; }

    /// <value>A file with a join token; it is read each time one is needed.</value>
    public string? TokenFile { get; set; }

    /// <value>A file with the token of a Kubernetes service account, made for the audience of <c>Mesh:Identity:Kubernetes:Audience</c>.</value>
    public string? ServiceAccountTokenFile { get; set; }

    /// <value>Where the certificate that the control plane gave, and its key, are kept, in a file only this user can read. Default: <c>identity</c> in <c>Mesh:DataDirectory</c>; empty keeps them in memory only.</value>
    public string? Directory { get; set; }

    /// <value>Whether gateways are reached by TLS only, whatever the control plane says. Default: as it says.</value>
    public bool RequireTls { get; set; }

    /// <summary>Somebody else renews the certificate.</summary>
    public bool HasFiles => Certificate is not null || Key is not null || Roots is not null;

    /// <summary>The proxy gets its certificate from the control plane.</summary>
    public bool HasProof => Token is not null || TokenFile is not null || ServiceAccountTokenFile is not null;

    /// <summary>Whether the proxy is to have an identity.</summary>
    public bool IsEnabled => HasFiles || HasProof;

    /// <summary>All that is wrong, by its key.</summary>
    public IEnumerable<string> Validate()
    {
        var proofs = new[] { Token, TokenFile, ServiceAccountTokenFile }.Count(static proof => proof is not null);
        if (proofs + (HasFiles ? 1 : 0) > 1)
        {
            yield return "Mesh:Identity says several times who the proxy is; give one of Token, TokenFile, ServiceAccountTokenFile, and Certificate with Key and Roots.";
        }

        if (!HasFiles)
        {
            yield break;
        }

        foreach (var (key, file) in new[] { ("Certificate", Certificate), ("Key", Key), ("Roots", Roots) })
        {
            if (file is null || !File.Exists(file))
            {
                yield return $"Mesh:Identity:{key} is '{file}'; Mesh:Identity needs Certificate, Key and Roots, each a PEM file that exists.";
            }
        }
    }
}
