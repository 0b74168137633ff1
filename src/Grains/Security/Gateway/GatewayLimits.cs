namespace Mesh.Grains.Security.Gateway;

/// <summary>What one Orleans client (a proxy) may cost this silo's gateway.</summary>
public sealed class GatewayLimits
{
    /// <value>Header of one message, in bytes. Default 64 KiB; Orleans' own limit is 10 MB.</value>
    public int MaxHeaderBytes { get; set; } = 64 << 10;

    /// <value>Body of one message towards the silo, in bytes. Default 2 MiB: a renewal of ten thousand services with long names. What silos send may be larger.</value>
    public int MaxBodyBytes { get; set; } = 2 << 20;

    /// <value>Clients connected at once. Default 10,000.</value>
    public int MaxClients { get; set; } = 10_000;

    /// <value>Proxies that one client speaks for. Default 4; a proxy's process is one.</value>
    public int MaxProxiesPerClient { get; set; } = 4;

    /// <value>Services that one proxy subscribes to. Default 10,000.</value>
    public int MaxSubscriptions { get; set; } = 10_000;

    /// <value>Messages per second that are read of one client, after a burst; what is more waits in the client's own connection. Default 2,000.</value>
    public int MessagesPerSecond { get; set; } = 2_000;

    /// <value>Default 10,000.</value>
    public int MessageBurst { get; set; } = 10_000;

    /// <value>How long a connection may take to say which client it is. Default 5 s.</value>
    public TimeSpan PreambleTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <value>Grain types that clients may call beyond those of interfaces marked for proxies; for tests.</value>
    public ISet<string> MoreGrainTypes { get; } = new HashSet<string>(StringComparer.Ordinal);
}
