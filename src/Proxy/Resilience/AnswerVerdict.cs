namespace Mesh.Proxy.Resilience;

/// <summary>What an answer says about its endpoint.</summary>
internal static class AnswerVerdict
{
    /// <param name="grpcStatus"><see cref="GrpcStatus.None"/> where it has none.</param>
    public static TryVerdict Of(int status, int grpcStatus) =>
        status is 502 or 503 or 504 || GrpcStatus.IsGatewayError(grpcStatus) ? TryVerdict.GatewayError
        : status >= 500 || GrpcStatus.IsFailure(grpcStatus) ? TryVerdict.Failure
        : TryVerdict.Success;
}
