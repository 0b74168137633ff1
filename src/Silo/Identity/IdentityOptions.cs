namespace Mesh.Silo.Identity;

/// <summary>Who certifies proxies, and whom it asks: keys <c>Mesh:TrustDomain</c> and <c>Mesh:Identity</c>.</summary>
internal sealed class IdentityOptions
{
    public const string Section = "Mesh";

    /// <value>What identities begin with. Default <c>mesh.local</c>. The same for all silos and proxies.</value>
    public string TrustDomain { get; set; } = "mesh.local";

    public IdentitySection Identity { get; set; } = new();

    internal sealed class IdentitySection
    {
        public CaOptions Ca { get; set; } = new();

        public DataProtectionOptions DataProtection { get; set; } = new();

        public KubernetesOptions Kubernetes { get; set; } = new();
    }

    internal sealed class CaOptions
    {
        /// <value>A PEM file: the signing certificate, a root's or an intermediate's, then its chain. Default: the first silo that needs one makes a root, in the store.</value>
        public string? Certificate { get; set; }

        /// <value>A PEM file with its private key.</value>
        public string? Key { get; set; }

        /// <value>A PEM file with further roots to trust: of an intermediate, of other regions, or the next one during a change. Default: none.</value>
        public string? Roots { get; set; }
    }

    internal sealed class DataProtectionOptions
    {
        /// <value>Where the keys are that encrypt the authority's in the store; the same directory for all silos of a region. Default: <c>keys</c> in <c>Mesh:DataDirectory</c>.</value>
        public string? Directory { get; set; }
    }

    internal sealed class KubernetesOptions
    {
        /// <value>The API server to ask about service account tokens, such as <c>https://kubernetes.default.svc</c>. Default: none, and they are refused.</value>
        public string? Url { get; set; }

        /// <value>The silo's own token. Default <c>/var/run/secrets/kubernetes.io/serviceaccount/token</c>.</value>
        public string TokenFile { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount/token";

        /// <value>The API server's authority. Default: those of the system.</value>
        public string? CaFile { get; set; }

        /// <value>Whom proxies' tokens must be made for. Default <c>mesh</c>.</value>
        public string Audience { get; set; } = "mesh";
    }
}
