namespace Mesh.Silo.Hosting;

/// <summary>The silo's configuration beyond its store: section <c>Mesh</c>.</summary>
internal sealed class SiloOptions
{
    public const string Section = "Mesh";

    public ApiOptions Api { get; set; } = new();

    public ClusterOptions Silo { get; set; } = new();

    internal sealed class ApiOptions
    {
        /// <value>Where the management API listens. Default <c>http://127.0.0.1:4180</c>.</value>
        public string Url { get; set; } = "http://127.0.0.1:4180";
    }

    internal sealed class ClusterOptions
    {
        /// <value>The IP address by which other silos and proxies reach this one. Default <c>127.0.0.1</c>.</value>
        public string Host { get; set; } = "127.0.0.1";

        /// <value>Between silos; default 11111.</value>
        public int Port { get; set; } = 11111;

        /// <value>For proxies; default 30000.</value>
        public int GatewayPort { get; set; } = 30000;
    }
}
