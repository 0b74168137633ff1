using System.Net;
using System.Net.Http.Headers;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Balancing;

/// <summary>
/// How long an endpoint that says it has too much to do is spared. Without it, balancers would prefer it for the speed
/// at which it refuses.
/// </summary>
internal static class RetryAfterPenalty
{
    /// <summary>1 s, when the endpoint does not say how long.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    /// <summary>10 s: an endpoint cannot talk itself out of its share for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Of an answer's status and headers, those of a gRPC answer without a message included.</summary>
    /// <returns>Null when the answer does not ask for any.</returns>
    public static TimeSpan? Of(HttpResponseMessage answer, TimeProvider time) => answer.StatusCode switch
    {
        HttpStatusCode.TooManyRequests => RetryAfter(answer, time) ?? Usual,
        HttpStatusCode.ServiceUnavailable => RetryAfter(answer, time),
        _ when GrpcStatus.CanBeIn(answer) => Of(GrpcStatus.Read(answer.Headers), answer.Headers),
        _ => null,
    };

    /// <summary>Of a gRPC status and the headers or trailers it came in.</summary>
    /// <inheritdoc cref="Of(HttpResponseMessage, TimeProvider)" path="/returns"/>
    public static TimeSpan? Of(int grpcStatus, HttpHeaders headers) =>
        grpcStatus != GrpcStatus.ResourceExhausted ? null
        : GrpcPushback.Read(headers) is { } pushback && pushback != GrpcPushback.Never ? Bounded(pushback)
        : Usual;

    private static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider time) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Bounded(delta),
        { Date: { } date } => Bounded(date - time.GetUtcNow()),
        _ => null,
    };

    private static TimeSpan Bounded(TimeSpan wanted) =>
        wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted < Longest ? wanted : Longest;
}
