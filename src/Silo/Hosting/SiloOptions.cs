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

        public AuditOptions Audit { get; set; } = new();
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
        /// from one of them. Needed where TLS is required.
        /// </value>
        public string? Secret { get; set; }

        public TlsSection Tls { get; set; } = new();
    }
}
