using System.Net.Sockets;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// One try of one request at one endpoint. In goes a request whose response has not started; out comes either its
/// answer, forwarded to the end, or a failure with the response still unstarted where that is possible. It feeds
/// the endpoint's measurements, in which it has begun already, but not with what the caller caused by leaving.
/// </summary>
internal sealed class UpstreamTry(UpstreamEndpoint endpoint, OutboundCall? call, TimeProvider time) : HttpTransformer
{
    private long _started;
    private int _answeredStatus;
    private int _grpcStatus = GrpcStatus.None;
    private bool _isJudged;
    private bool _isSecure;

    /// <summary>The gateway it went to has not passed the request on, and says why.</summary>
    private TryResult? _refusal;

    /// <summary>The endpoint's proxy has ended the request because its caller gave it no more time: that is nobody's fault.</summary>
    private bool _isAtDeadline;

    /// <summary>Decides whether an answer is thrown away to try again; null to forward every answer.</summary>
    public RequestRetries? Retries { get; init; }

    /// <summary>Who wants to know how the endpoint does; null for nobody.</summary>
    public OutlierDetector? Outliers { get; init; }

    /// <summary>The try decides whether an ejected endpoint returns.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Running out of time is the endpoint's fault.</summary>
    public bool HasFullTime { get; init; }

    /// <summary>How much time the request has, for the next hop to know.</summary>
    public TimeLimits Limits { get; init; }

    /// <summary>What it is called when the try's time is over.</summary>
    public ProxyError TimeLimitError { get; init; } = ProxyError.Timeout;

    /// <summary>Finds out whether anything was sent when the time is over; null when that changes nothing.</summary>
    public SendMonitor? Sending { get; init; }

    /// <summary>It may have to wait for one of few connections, which is not the endpoint's fault.</summary>
    public bool MayQueue { get; init; }

    /// <summary>Ends a response in which nothing moves; null for no limit.</summary>
    public IdleWatch? Idle { get; set; }

    /// <summary>A second try beside this one; null for none.</summary>
    public Hedge? Hedge { get; init; }

    /// <summary>What the listener appends to <c>Via</c>.</summary>
    public ViaEntry? Via { get; init; } = call?.Via;

    /// <summary>Where it went; of two tries at once, that of which it tells the result.</summary>
    public UpstreamEndpoint Endpoint => endpoint;

    /// <summary>There was an answer, and it was thrown away to try again.</summary>
    public bool IsDiscarded { get; private set; }

    public async ValueTask<TryResult> SendAsync(
        HttpContext context, IHttpForwarder forwarder, UpstreamClient client, CancellationToken timeLimit)
    {
        _started = time.GetTimestamp();
        var verdict = TryVerdict.Nothing;
        try
        {
            _isSecure = client.IsSecure(endpoint);
            var protocol = _isSecure ? UpstreamClient.SecureProtocol(context, endpoint) : endpoint.Protocol;
            if (protocol == ServiceProtocol.Auto)
            {
                (protocol, var unknown) = await LearnProtocolAsync(client, timeLimit);
                if (unknown is { } failed)
                {
                    verdict = VerdictOn(failed);
                    return failed;
                }
            }

            var error = await forwarder.SendAsync(
                context, _isSecure ? endpoint.SecurePrefix! : endpoint.Prefix, Hedge is null ? client.Invoker : new HttpMessageInvoker(Hedge), UpstreamClient.For(protocol), this, timeLimit);
            FollowWinner();
            var result = _refusal ?? (error == ForwarderError.None && _answeredStatus != 0 ? TryResult.Answered : Judge(context, error, timeLimit));
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
        if (_isSecure)
        {
            MeshDialer.Address(proxyRequest, endpoint);
        }

        call?.Changes?.Apply(proxyRequest);
        if (endpoint.IsGateway)
        {
            BackendHeader.Set(proxyRequest, endpoint, call!.Backend);
        }

        if (Via is not null)
        {
            proxyRequest.Headers.TryAddWithoutValidation("Via", Via.For(httpContext.Request.Protocol));
        }

        if (Limits.Left(time) is { } left)
        {
            DeadlineHeaders.Set(httpContext.Request, proxyRequest, left);
        }

        Sending?.Watch(proxyRequest);
        return copied;
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return new ValueTask<bool>(false);
        }

        FollowWinner();
        AnswerGuard.Check(proxyResponse);
        if (endpoint.IsGateway && GatewayRefusal.Of(proxyResponse) is { } refusal)
        {
            // As if there was no connection: one that refuses at once must not look like the fastest.
            _refusal = refusal;
            endpoint.Stats.Failed(_started);
            endpoint.Stats.Penalize(RetryAfterPenalty.Of(proxyResponse, time));
            return new ValueTask<bool>(false);
        }

        _answeredStatus = (int)proxyResponse.StatusCode;
        _isAtDeadline = Limits.IsCallers && DeadlineHeaders.IsAnsweredAtDeadline(proxyResponse);
        endpoint.Stats.Answered(_answeredStatus, _started);
        if (endpoint.Protocol == ServiceProtocol.Auto && _answeredStatus is 400 or 505)
        {
            endpoint.Stats.Protocol.Doubt();
        }

        if (Outliers is not null && GrpcStatus.IsCall(httpContext.Request))
        {
            _grpcStatus = GrpcStatus.Read(proxyResponse.Headers);
        }

        endpoint.Stats.Penalize(RetryAfterPenalty.Of(proxyResponse, time));
        if (IsProbe)
        {
            // A response may take for ever; its beginning says enough.
            var verdict = VerdictOnAnswer();
            if (verdict == TryVerdict.Success)
            {
                endpoint.Stats.Recovered(_started);
            }

            Report(verdict);
        }

        if (Retries?.Replaces(proxyResponse) == true)
        {
            IsDiscarded = true;
            return new ValueTask<bool>(false);
        }

        var copied = base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        HopByHop.Remove(proxyResponse, httpContext.Response.Headers);
        call?.Changes?.ResponseHeaders?.Apply(httpContext.Response.Headers);
        call?.Rule.Sessions?.Write(httpContext.Response, call.Session, call.Backend, endpoint, time);
        Idle?.Begin(proxyResponse);
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
            endpoint.Stats.Penalize(RetryAfterPenalty.Of(GrpcStatus.Read(proxyResponse.TrailingHeaders), proxyResponse.TrailingHeaders));
        }

        return base.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    private TryVerdict VerdictOnAnswer() =>
        _isAtDeadline ? TryVerdict.Nothing : AnswerVerdict.Of(_answeredStatus, _grpcStatus);

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

        return result.Error == ProxyError.BadRequest || result.Error == ProxyError.DeadlineExceeded
            || (result.Error == ProxyError.Timeout && (!HasFullTime || _answeredStatus != 0 || result.IsUnprocessed))
            ? TryVerdict.Nothing
            : TryVerdict.GatewayError;
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

    /// <summary>Of two tries at once, the one that was lost accounts for itself.</summary>
    private void FollowWinner()
    {
        if (Hedge?.Winner is { } winner)
        {
            endpoint = winner.Endpoint;
            _started = winner.Started;
        }
    }

    /// <returns>What the endpoint speaks, or why that cannot be learned. Others may forget it at any time: it is not to be read again.</returns>
    private async ValueTask<(ServiceProtocol Protocol, TryResult? Unknown)> LearnProtocolAsync(UpstreamClient client, CancellationToken timeLimit)
    {
        try
        {
            return (await endpoint.Stats.Protocol.GetAsync(endpoint, client.ConnectTimeout, timeLimit), null);
        }
        catch (SocketException exception)
        {
            endpoint.Stats.Failed(_started);
            return (ServiceProtocol.Auto, TryResult.Failed(ProxyError.ConnectFailed, exception.Message) with { IsUnprocessed = true });
        }
        catch (OperationCanceledException)
        {
            endpoint.Stats.GaveUp(_started);
            return (ServiceProtocol.Auto, TryResult.Failed(TimeLimitError, "") with { IsUnprocessed = true });
        }
    }

    private TryResult Judge(HttpContext context, ForwarderError error, CancellationToken timeLimit)
    {
        var result = FailureClassifier.Classify(context, error, _answeredStatus, timeLimit.IsCancellationRequested);
        if (result.Error == ProxyError.Timeout && Idle?.IsOver != true)
        {
            var isUnsent = Sending?.MayHaveBegun == false && Hedge?.Winner is null;
            result = isUnsent && MayQueue ? TryResult.Failed(TimeLimitError, "") with { IsUnprocessed = true }
                : isUnsent ? TryResult.Failed(ProxyError.ConnectFailed, "no connection within the time of a try (timeouts.backendRequest)") with { IsUnprocessed = true }
                : TryResult.Failed(TimeLimitError, "");
        }

        if (_answeredStatus != 0 || result.Error is not { } failure || failure == ProxyError.BadRequest)
        {
            return result;
        }

        if (failure == ProxyError.DeadlineExceeded || (failure == ProxyError.Timeout && result.IsUnprocessed))
        {
            endpoint.Stats.GaveUp(_started);
        }
        else
        {
            endpoint.Stats.Failed(_started);
            endpoint.Stats.Protocol.Forget();
        }

        return result;
    }
}
