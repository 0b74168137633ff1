namespace Mesh.Abstractions.Traffic;

/// <summary>Requests of each proxy that ask the endpoints of a service it uses whether they are well.</summary>
public sealed record HealthCheck
{
    public HealthCheckProtocol Type { get; init; }

    /// <summary>The path that an HTTP check gets; an answer from 200 to 299 is a success.</summary>
    public string Path { get; init; } = "/healthz";

    /// <summary>The service a gRPC check asks about (gRPC Health Checking Protocol); the whole server when null.</summary>
    public string? GrpcService { get; init; }

    /// <summary>100 ms to 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At most <see cref="Interval"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Failures in a row after which an endpoint gets no requests; 1 to 100.</summary>
    public int UnhealthyThreshold { get; init; } = 3;

    /// <summary>Successes in a row after which it gets requests again; 1 to 100.</summary>
    public int HealthyThreshold { get; init; } = 2;
}
