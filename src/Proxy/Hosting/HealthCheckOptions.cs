namespace Mesh.Proxy.Hosting;

/// <summary>How the proxy asks its application whether it can take requests.</summary>
internal sealed class HealthCheckOptions
{
    /// <value>Default <see cref="HealthCheckType.Tcp"/>: the port accepts connections.</value>
    public HealthCheckType Type { get; set; } = HealthCheckType.Tcp;

    /// <value>For <see cref="HealthCheckType.Http"/> the path, for <see cref="HealthCheckType.Grpc"/> the service asked about. Default <c>/healthz</c>, or the whole server.</value>
    public string? Path { get; set; }

    /// <value>Between checks; default 2 s.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <value>For one check; default 1 s.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <value>Failed checks in a row that make a healthy application unhealthy; default 2.</value>
    public int UnhealthyAfter { get; set; } = 2;
}
