using Mesh.Abstractions.Access;
using Mesh.Abstractions.Connections;

namespace Mesh.Silo.Hosting;

/// <summary>The silo's configuration beyond its store: section <c>Mesh</c>.</summary>
internal sealed class SiloOptions
{
    public const string Section = "Mesh";

    public ApiOptions Api { get; set; } = new();

    /// <value>The trust domain of identities (SPIFFE). Default <c>mesh.local</c>.</value>
    public string TrustDomain { get; set; } = "mesh.local";

    public ClusterOptions Silo { get; set; } = new();

    internal sealed class ApiOptions
    {
        /// <value>Where the management API listens. Default <c>http://127.0.0.1:4180</c>.</value>
        public string Url { get; set; } = "http://127.0.0.1:4180";

        /// <value>
        /// Names in <c>Host</c> that an API on loopback answers besides loopback's own, for what stands in front of it on the same machine. Default: none.
        /// </value>
        public List<string> AllowedHosts { get; set; } = [];

        public AuditOptions Audit { get; set; } = new();

        public AccessOptions Auth { get; set; } = new();

        public ApiTlsOptions Tls { get; set; } = new();
    }

    internal sealed class ApiTlsOptions
    {
        /// <value>A PEM file: the certificate of the management API, then its intermediates. Read again when it changes.</value>
        public string? Certificate { get; set; }

        /// <value>A PEM file with its key.</value>
        public string? Key { get; set; }

        /// <value>A PEM file with the authorities of client certificates. Default: none are asked for.</value>
        public string? ClientRoots { get; set; }
    }

    internal sealed class AccessOptions
    {
        /// <value><c>None</c> (default; for loopback) or <c>Required</c>: whether those who call the management API have to say who they are.</value>
        public AccessMode Mode { get; set; }

        /// <value>The file of the first administrator's token, made at the first start. Default: <c>admin.token</c> in <c>Mesh:DataDirectory</c>.</value>
        public string? AdminTokenFile { get; set; }

        /// <value>Whether <c>/metrics</c> needs no token. Default false.</value>
        public bool AnonymousMetrics { get; set; }

        /// <value>
        /// Whether browsers send the cookie of a session by TLS only, for a silo without TLS behind something that has it. With TLS of the
        /// silo's own they always do. Default false.
        /// </value>
        public bool SecureCookie { get; set; }

        public JwtOptions Jwt { get; set; } = new();

        /// <value>What holders of client certificates may do, under any names.</value>
        public Dictionary<string, CertificateOptions> Certificates { get; set; } = [];
    }

    internal enum AccessMode
    {
        None,
        Required,
    }

    internal sealed class JwtOptions
    {
        /// <value>An OpenID Connect issuer, such as <c>https://login.example</c>; where its keys are follows from it. Default: no such tokens are taken.</value>
        public string? Authority { get; set; }

        /// <value>Where the issuer's metadata is, where it does not follow from the authority.</value>
        public string? MetadataAddress { get; set; }

        /// <value>What tokens must have as <c>iss</c>. Default: what the metadata says.</value>
        public string? Issuer { get; set; }

        public bool IsUsed => Authority is not null || MetadataAddress is not null;

        /// <value>What tokens must have as <c>aud</c>.</value>
        public string? Audience { get; set; }

        /// <value>The claim with roles: <c>admin</c>, <c>editor:shop</c>, <c>viewer:*</c>. Default <c>mesh-roles</c>.</value>
        public string RolesClaim { get; set; } = "mesh-roles";

        /// <value>The claim that says who it is, for the audit log. Default <c>sub</c>.</value>
        public string NameClaim { get; set; } = "sub";
    }

    internal sealed class CertificateOptions
    {
        /// <value>A URI among the certificate's alternative names, or the common name of its subject.</value>
        public string Name { get; set; } = "";

        public ApiRole Role { get; set; }

        /// <value>Where the role holds; <c>*</c> for everywhere.</value>
        public List<string> Namespaces { get; set; } = [];
    }

    internal sealed class AuditOptions
    {
        public const int LeastEntries = 100;
        public const int MostEntries = 100_000;

        /// <value>How many changes the region's audit log remembers, in its store; about 500 bytes each. Default 10,000.</value>
        public int MaxEntries { get; set; } = 10_000;
    }

    internal sealed class TlsSection
    {
        /// <value><c>Off</c>, <c>On</c> (both are accepted: while a cluster changes over) or <c>Required</c>. Default <c>Off</c>.</value>
        public TlsMode Mode { get; set; }

        /// <value>A PEM file: the silo's certificate, with the identity <c>spiffe://{trust domain}/mesh/silo</c>, then its intermediates.</value>
        public string? Certificate { get; set; }

        /// <value>A PEM file with its key.</value>
        public string? Key { get; set; }

        /// <value>A PEM file with the roots to trust.</value>
        public string? Roots { get; set; }
    }

    internal sealed class ClusterOptions
    {
        /// <value>The IP address by which other silos and proxies reach this one. Default <c>127.0.0.1</c>.</value>
        public string Host { get; set; } = "127.0.0.1";

        /// <value>Between silos; default 11111.</value>
        public int Port { get; set; } = 11111;

        /// <value>For proxies; default 30000.</value>
        public int GatewayPort { get; set; } = 30000;

        /// <value>
        /// What only silos of the region know, at least 32 bytes in Base64: by it they prove to each other that a call comes
        /// from one of them. Default: with TLS, the first silo makes one and keeps it in the store, encrypted by the keys in
        /// <c>Mesh:Identity:DataProtection:Directory</c>; silos that do not share those need it here.
        /// </value>
        public string? Secret { get; set; }

        public TlsSection Tls { get; set; } = new();
    }
}
