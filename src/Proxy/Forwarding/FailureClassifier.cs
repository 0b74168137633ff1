using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>Whose fault it was that a try did not succeed.</summary>
internal static class FailureClassifier
{
    /// <param name="answeredStatus">The status of the endpoint's answer; 0 when none had arrived.</param>
    /// <param name="isTimeLimitOver">A time limit of the rule has passed.</param>
    public static TryResult Classify(HttpContext context, ForwarderError error, int answeredStatus, bool isTimeLimitOver)
    {
        // Cutting off a response looks like a caller who left; so what tells the two apart comes first.
        if (error != ForwarderError.ResponseBodyDestination)
        {
            if (isTimeLimitOver)
            {
                return TryResult.Failed(ProxyError.Timeout, "");
            }

            if (context.RequestAborted.IsCancellationRequested)
            {
                return TryResult.Aborted;
            }
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (error == ForwarderError.RequestBodyClient && WasCancelled(exception))
        {
            // One error alone came after a whole answer. With two there was none; what the endpoint said is in neither.
            return exception is AggregateException
                ? TryResult.Failed(ProxyError.UpstreamReset, "it ended the stream before all of the request was sent")
                : TryResult.Answered;
        }

        var detail = Innermost(exception)?.Message ?? "";
        return error switch
        {
            // The forwarder set a status without sending anything: only a broken WebSocket handshake makes it do so.
            ForwarderError.None or ForwarderError.RequestCreation => TryResult.Failed(ProxyError.BadRequest, detail),
            ForwarderError.RequestBodyClient => TryResult.Failed(ProxyError.BadRequest, detail),

            // The answer is complete, which its status still being there tells; that nobody read all of the request is
            // between the application and the endpoint.
            ForwarderError.RequestBodyDestination or ForwarderError.RequestBodyCanceled
                when context.Response.StatusCode == answeredStatus => TryResult.Answered,

            // A tunnel has no proper end: either side just leaves.
            ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeRequestDestination
                or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseClient
                or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeResponseCanceled => TryResult.Answered,
            ForwarderError.ResponseBodyClient => TryResult.Aborted,
            _ when answeredStatus == 0 && IsConnectFailure(exception) =>
                TryResult.Failed(ProxyError.ConnectFailed, detail) with { IsUnprocessed = true },
            _ => TryResult.Failed(ProxyError.UpstreamReset, detail) with { IsUnprocessed = answeredStatus == 0 && UnprocessedSigns.AreIn(exception) },
        };
    }

    /// <summary>
    /// Whether reading the request's body was cancelled. When neither the caller nor a time limit did that, it was an
    /// HTTP/2 endpoint, by ending the stream; the forwarder takes this for the caller's fault.
    /// </summary>
    private static bool WasCancelled(Exception? exception) =>
        (exception is AggregateException both ? both.InnerException : exception) is OperationCanceledException;

    private static bool IsConnectFailure(Exception? exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => true,

        // How SocketsHttpHandler says that its ConnectTimeout passed.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    private static Exception? Innermost(Exception? exception)
    {
        while (exception?.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }
}
