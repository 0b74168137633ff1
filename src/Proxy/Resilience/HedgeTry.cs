using System.Net;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Resilience;

/// <summary>One of the two tries of a <see cref="Hedge"/>.</summary>
internal sealed class HedgeTry
{
    private readonly CancellationTokenSource _cut;

    private HedgeTry(UpstreamEndpoint endpoint, long started, CancellationTokenSource cut, Task<HttpResponseMessage> answer)
    {
        Endpoint = endpoint;
        Started = started;
        _cut = cut;
        Answer = answer;
    }

    public UpstreamEndpoint Endpoint { get; }

    /// <summary>The timestamp at which it was sent.</summary>
    public long Started { get; }

    /// <summary>Its response headers.</summary>
    public Task<HttpResponseMessage> Answer { get; }

    public bool IsAnswered => Answer.IsCompletedSuccessfully;

    /// <summary>There is no answer, and not because somebody cancelled the try: when no connection is made in time, that looks like it.</summary>
    public bool IsFailed => Answer.IsFaulted || (Answer.IsCanceled && !_cut.IsCancellationRequested);

    /// <summary>There is an answer, and it speaks neither of a failure nor of too many requests: another endpoint may have room.</summary>
    public bool IsGood => IsAnswered
        && Answer.Result.StatusCode is < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests
        && GrpcStatus.Read(Answer.Result.Headers) is var status && status != GrpcStatus.ResourceExhausted && !GrpcStatus.IsFailure(status);

    public static HedgeTry Start(
        HttpMessageInvoker client, HttpRequestMessage request, UpstreamEndpoint endpoint, TimeProvider time, CancellationToken cancellationToken)
    {
        // The winner's is not disposed: its body may still be on the way, under its token.
        var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new HedgeTry(endpoint, time.GetTimestamp(), cut, client.SendAsync(request, cut.Token));
    }

    /// <summary>Cancels the try and throws away what comes of it all the same.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _cut.CancelAsync();
            using var answer = await Answer;
        }
        catch (Exception)
        {
            // It was cancelled, or had failed by itself; the other try is what counts.
        }
        finally
        {
            Endpoint.Stats.End();
            _cut.Dispose();
        }
    }
}
