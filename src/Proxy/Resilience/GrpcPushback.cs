using System.Globalization;
using System.Net.Http.Headers;

namespace Mesh.Proxy.Resilience;

/// <summary>What an endpoint says of trying a call again: <c>grpc-retry-pushback-ms</c> (gRPC proposal A6, "Pushback").</summary>
internal static class GrpcPushback
{
    /// <summary>Not at all.</summary>
    public static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private const string Header = "grpc-retry-pushback-ms";

    /// <returns>How long to wait, exactly; <see cref="Never"/> also for what is not a number; null when nothing is said.</returns>
    public static TimeSpan? Read(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(Header, out var values))
        {
            return null;
        }

        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Never;
    }
}
