namespace Mesh.Proxy.Resilience;

/// <summary>What a try says about its endpoint.</summary>
internal enum TryVerdict
{
    /// <summary>Nothing: the caller left or sent nonsense, or the request's time was nearly over when the try began.</summary>
    Nothing,
    Success,
    Failure,

    /// <summary>A failure of the kind that gateways report: 502, 503 or 504, gRPC 14 or 4, no connection, a broken one, too late.</summary>
    GatewayError,
}
