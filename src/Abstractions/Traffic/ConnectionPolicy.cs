namespace Mesh.Abstractions.Traffic;

/// <summary>The connections of each proxy to an endpoint of the service. Null members mean the defaults.</summary>
public sealed record ConnectionPolicy
{
    /// <summary>HTTP/1.1 connections to one endpoint at a time; 1 to 65,535, no limit when null.</summary>
    public int? MaxPerEndpoint { get; init; }

    /// <summary>How long connecting may take. Default 2 s; 10 ms to 1 min.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>An unused connection is closed after it. Default 1 min; 1 s to 24 h.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>A connection gets no new requests after it. Default 5 min; 1 s to 24 h.</summary>
    public TimeSpan? Lifetime { get; init; }
}
