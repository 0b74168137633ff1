using Mesh.Proxy.Balancing;
using Mesh.Proxy.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Proxy.Forwarding;

/// <summary>
/// One try of one request at one endpoint. In goes a request whose response has not started; out comes either its
/// answer, forwarded to the end, or a failure with the response still unstarted where that is possible. It feeds
/// the endpoint's measurements, but not with what the caller caused by leaving.
/// </summary>
internal sealed class UpstreamTry(UpstreamEndpoint endpoint, RuleModel? rule, TimeProvider time) : HttpTransformer
{
    private long _started;
    private int _answeredStatus;

    public async ValueTask<TryResult> SendAsync(
        HttpContext context, IHttpForwarder forwarder, UpstreamClient client, CancellationToken timeLimit)
    {
        _started = time.GetTimestamp();
        endpoint.Stats.Begin();
        try
        {
            var error = await forwarder.SendAsync(
                context, endpoint.Prefix, client.Invoker, UpstreamClient.For(endpoint.Protocol), this, timeLimit);
            return error == ForwarderError.None && _answeredStatus != 0 ? TryResult.Answered : Judge(context, error, timeLimit);
        }
        finally
        {
            endpoint.Stats.End();
        }
    }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var copied = base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = RequestTarget.For(httpContext, destinationPrefix);
        rule?.RequestHeaders?.Apply(proxyRequest);
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
        var copied = base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        rule?.ResponseHeaders?.Apply(httpContext.Response.Headers);
        return copied;
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
