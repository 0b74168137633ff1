using Mesh.Proxy.Balancing;
using Mesh.Proxy.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// One try of one request at one endpoint. In goes a request whose response has not started; out comes either its
/// answer, forwarded to the end, or a failure with the response still unstarted where that is possible. It feeds
/// the endpoint's measurements, but not with what the caller caused by leaving.
/// </summary>
internal sealed class UpstreamTry(UpstreamEndpoint endpoint, OutboundCall? call, TimeProvider time) : HttpTransformer
{
    private long _started;
    private int _answeredStatus;
    private int _grpcStatus = GrpcStatus.None;
    private bool _isJudged;

    /// <summary>Decides whether an answer is thrown away to try again; null to forward every answer.</summary>
    public RequestRetries? Retries { get; init; }

    /// <summary>Who wants to know how the endpoint does; null for nobody.</summary>
    public OutlierDetector? Outliers { get; init; }

    /// <summary>The try decides whether an ejected endpoint returns.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Running out of time is the endpoint's fault.</summary>
    public bool HasFullTime { get; init; }

    /// <summary>There was an answer, and it was thrown away to try again.</summary>
    public bool IsDiscarded { get; private set; }

    public async ValueTask<TryResult> SendAsync(
        HttpContext context, IHttpForwarder forwarder, UpstreamClient client, CancellationToken timeLimit)
    {
        _started = time.GetTimestamp();
        endpoint.Stats.Begin();
        var verdict = TryVerdict.Nothing;
        try
        {
            var error = await forwarder.SendAsync(
                context, endpoint.Prefix, client.Invoker, UpstreamClient.For(endpoint.Protocol), this, timeLimit);
            var result = error == ForwarderError.None && _answeredStatus != 0 ? TryResult.Answered : Judge(context, error, timeLimit);
            verdict = VerdictOn(result);
            return result;
        }
        finally
        {
            endpoint.Stats.End();
            Report(verdict);
        }
    }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var copied = base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = RequestTarget.Combine(
            destinationPrefix, call is null ? RequestTarget.PathAndQuery(httpContext) : RequestTarget.PathAndQuery(call));
        call?.Changes?.Apply(proxyRequest);
        return copied;
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return new ValueTask<bool>(false);
        }

        _answeredStatus = (int)proxyResponse.StatusCode;
        endpoint.Stats.Answered(_answeredStatus, _started);
        if (Outliers is not null && GrpcStatus.IsCall(httpContext.Request))
        {
            _grpcStatus = GrpcStatus.Read(proxyResponse.Headers);
        }

        Penalize(RetryAfterPenalty.Of(proxyResponse, time));
        if (GrpcStatus.CanBeIn(proxyResponse))
        {
            Penalize(RetryAfterPenalty.Of(GrpcStatus.Read(proxyResponse.Headers), proxyResponse.Headers));
        }

        if (IsProbe)
        {
            // A response may take for ever; its beginning says enough.
            Report(VerdictOnAnswer());
        }

        if (Retries?.Replaces(proxyResponse) == true)
        {
            IsDiscarded = true;
            return new ValueTask<bool>(false);
        }

        var copied = base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        call?.Changes?.ResponseHeaders?.Apply(httpContext.Response.Headers);
        call?.Rule.Sessions?.Write(httpContext.Response, call.Session, call.Backend, endpoint, time);
        return copied;
    }

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (Outliers is not null && _grpcStatus == GrpcStatus.None && GrpcStatus.IsCall(httpContext.Request))
        {
            _grpcStatus = GrpcStatus.Read(proxyResponse.TrailingHeaders);
        }

        if (GrpcStatus.CanBeIn(proxyResponse))
        {
            Penalize(RetryAfterPenalty.Of(GrpcStatus.Read(proxyResponse.TrailingHeaders), proxyResponse.TrailingHeaders));
        }

        return base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    private TryVerdict VerdictOnAnswer() =>
        _answeredStatus is 502 or 503 or 504 || GrpcStatus.IsGatewayError(_grpcStatus) ? TryVerdict.GatewayError
        : _answeredStatus >= 500 || GrpcStatus.IsFailure(_grpcStatus) ? TryVerdict.Failure
        : TryVerdict.Success;

    private TryVerdict VerdictOn(TryResult result)
    {
        // A bad answer is one, also when the caller left as soon as it was there.
        if (VerdictOnAnswer() is var answer and not TryVerdict.Success)
        {
            return answer;
        }

        if (result.Error is null)
        {
            return result.IsAborted ? TryVerdict.Nothing : TryVerdict.Success;
        }

        return result.Error == ProxyError.BadRequest || (result.Error == ProxyError.Timeout && (!HasFullTime || _answeredStatus != 0))
            ? TryVerdict.Nothing
            : TryVerdict.GatewayError;
    }

    private void Penalize(TimeSpan? length)
    {
        if (length is { } wanted)
        {
            endpoint.Stats.Penalize(wanted);
        }
    }

    /// <summary>Tells the outlier detection once.</summary>
    private void Report(TryVerdict verdict)
    {
        if (Outliers is not null && !_isJudged)
        {
            _isJudged = IsProbe;
            Outliers.Report(endpoint, verdict, IsProbe);
        }
    }

    private TryResult Judge(HttpContext context, ForwarderError error, CancellationToken timeLimit)
    {
        var result = FailureClassifier.Classify(context, error, _answeredStatus, timeLimit.IsCancellationRequested);
        if (_answeredStatus == 0 && result.Error is { } failure && failure != ProxyError.BadRequest)
        {
            endpoint.Stats.Failed(_started);
        }

        return result;
    }
}
