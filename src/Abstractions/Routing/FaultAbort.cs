namespace Mesh.Abstractions.Routing;

/// <summary>An error in place of forwarding: exactly one of the statuses.</summary>
public sealed record FaultAbort
{
    /// <summary>200 to 599.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>A gRPC status code, 1 to 16; callers that do not speak gRPC get the HTTP status that it maps to.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>The share of requests, in percent; 0 to 100.</summary>
    public int Percent { get; init; } = 100;
}
