using System.Globalization;
using Mesh.Abstractions.Json;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Deadlines;

/// <summary>
/// How much time a caller still gives its request: <c>grpc-timeout</c> of gRPC calls, <c>mesh-timeout</c> (a Gateway
/// API duration) of any. Both tell what is left and not when it ends, so clocks need not agree.
/// </summary>
internal static class DeadlineHeaders
{
    public const string Mesh = "mesh-timeout";
    public const string Grpc = "grpc-timeout";

    /// <summary>Longer ones are passed on, but no timer can wait for them.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>Reads the stricter of the two.</summary>
    /// <param name="allowed">Null when the caller sets no deadline; zero when it has passed.</param>
    /// <param name="problem">What is wrong when the answer is false.</param>
    public static bool TryRead(HttpRequest request, out TimeSpan? allowed, out string problem)
    {
        allowed = null;
        problem = "";
        if (request.Headers.TryGetValue(Mesh, out var values))
        {
            if (!GatewayDuration.TryParse(values.Count == 1 ? values[0] : null, out var timeout))
            {
                problem = $"the header {Mesh} is '{values}'; it must be {GatewayDuration.Rule}";
                return false;
            }

            allowed = timeout;
        }

        if (GrpcStatus.IsCall(request) && request.Headers.TryGetValue(Grpc, out values))
        {
            if (!GrpcTimeout.TryParse(values.Count == 1 ? values[0] : null, out var timeout))
            {
                problem = $"the header {Grpc} is '{values}'; it must be {GrpcTimeout.Rule}";
                return false;
            }

            allowed = allowed < timeout ? allowed : timeout;
        }

        if (allowed >= LongestTimer)
        {
            allowed = null;
        }

        return true;
    }

    /// <summary>Tells the next hop how much time is left, in the words of the request's protocol only.</summary>
    /// <param name="left">What is hardly over counts as hardly left: the one who set the limit says when it is over.</param>
    public static void Set(HttpRequest request, HttpRequestMessage upstream, TimeSpan left)
    {
        left = left > TimeSpan.Zero ? left : TimeSpan.FromTicks(1);
        if (request.Headers.ContainsKey(Mesh))
        {
            upstream.Headers.Remove(Mesh);
        }

        if (GrpcStatus.IsCall(request))
        {
            upstream.Headers.Remove(Grpc);
            upstream.Headers.TryAddWithoutValidation(Grpc, GrpcTimeout.Format(left));
        }
        else
        {
            upstream.Headers.TryAddWithoutValidation(Mesh, Format(left));
        }
    }

    /// <summary>Rounded up: some time must not become none, and the hop that set a limit is to be the first to find it over.</summary>
    private static string Format(TimeSpan left)
    {
        var milliseconds = (long)Math.Ceiling(left.TotalMilliseconds);

        // A unit has five digits at most; nearly all limits need only one.
        return milliseconds < 100_000
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms")
            : GatewayDuration.Format(TimeSpan.FromMilliseconds(milliseconds));
    }

    /// <summary>Whether a proxy on the way answered because the deadline that it was told had passed.</summary>
    public static bool IsAnsweredAtDeadline(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.TryGetValues(ErrorResponse.CodeHeader, out var code)
        && code.ToString() == ProxyError.DeadlineExceeded.Code;
}
