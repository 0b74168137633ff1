namespace Mesh.Proxy.Forwarding;

/// <summary>What holds for connections to endpoints where a service's policy says nothing.</summary>
internal static class ConnectionDefaults
{
    /// <summary>2 s: long enough for one lost SYN to be sent again, which happens after one second.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(1);

    /// <summary>5 min: an endpoint may be a DNS name whose address changes.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
}
