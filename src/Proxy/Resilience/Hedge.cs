using System.Diagnostics.CodeAnalysis;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Deadlines;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Regions;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// One try that becomes two when the first endpoint takes too long: a second one is asked as well, and the first answer
/// of the two is the try's. To the forwarder it looks like a single request, so only one answer can ever reach the
/// caller; the other is cancelled and thrown away here, before anything of it was copied.
/// </summary>
/// <remarks>
/// An answer that speaks of a failure or of too many requests (500 and above, 429, or such a gRPC status) waits for the
/// other's: an endpoint that fails at once must not win every race.
/// </remarks>
/// <param name="body">What is recorded of the request's body; null when it has none.</param>
/// <param name="pickSecond">Yields another endpoint, begun in its measurements, what it speaks, and whether by mutual TLS; null when there is none or it is not allowed.</param>
/// <param name="report">Told what the try that lost says about its endpoint.</param>
internal sealed class Hedge(
    HttpMessageInvoker client,
    OutboundCall call,
    UpstreamEndpoint first,
    TimeSpan delay,
    ReplayableBody? body,
    Func<(UpstreamEndpoint Endpoint, ServiceProtocol Protocol, bool IsSecure)?> pickSecond,
    Action<UpstreamEndpoint, TryVerdict> report,
    TimeProvider time) : HttpMessageHandler
{
    /// <summary>Whose answer it is; null while none is known, or when there was only one try.</summary>
    public HedgeTry? Winner { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Copied before the client has it: while that writes its headers, nobody else may read them.
        var spare = HedgeRequest.Of(request);
        var one = HedgeTry.Start(client, request, first, time, cancellationToken);
        using var isAnswered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var alone = Task.Delay(delay, time, isAnswered.Token);
        if (await Task.WhenAny(one.Answer, alone) == one.Answer || !alone.IsCompletedSuccessfully || !TryStartSecond(spare, cancellationToken, out var two))
        {
            await isAnswered.CancelAsync();
            return await one.Answer;
        }

        Winner = await RaceAsync(one, two);
        Drop(Winner == one ? two : one);
        return await Winner.Answer;
    }

    private static async Task<HedgeTry> RaceAsync(HedgeTry one, HedgeTry two)
    {
        var (first, other) = await Task.WhenAny(one.Answer, two.Answer) == one.Answer ? (one, two) : (two, one);
        if (first.IsGood)
        {
            return first;
        }

        await Task.WhenAny(other.Answer);
        return other.IsGood || !first.IsAnswered ? other : first;
    }

    private bool TryStartSecond(HedgeRequest spare, CancellationToken cancellationToken, [NotNullWhen(true)] out HedgeTry? second)
    {
        second = null;
        if (!spare.TryComplete(body) || pickSecond() is not var (endpoint, protocol, isSecure))
        {
            return false;
        }

        var request = spare.For(endpoint, protocol, isSecure);
        BackendHeader.Set(request, endpoint, call.Backend);
        if (call.Limits.Left(time) is { } left)
        {
            // The first try was told more.
            DeadlineHeaders.Set(call.Context.Request, request, left);
        }

        second = HedgeTry.Start(client, request, endpoint, time, cancellationToken);
        return true;
    }

    /// <summary>Ends the try that lost. Nobody waits for it.</summary>
    private void Drop(HedgeTry loser)
    {
        if (loser.IsAnswered)
        {
            Judge(loser, loser.Answer.Result);
        }
        else if (loser.IsFailed)
        {
            loser.Endpoint.Stats.Failed(loser.Started);
            report(loser.Endpoint, TryVerdict.GatewayError);
        }
        else
        {
            // It took at least this long, which is why there was a second.
            loser.Endpoint.Stats.GaveUp(loser.Started);
        }

        _ = loser.EndAsync();
    }

    private void Judge(HedgeTry loser, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        loser.Endpoint.Stats.Answered(status, loser.Started);
        loser.Endpoint.Stats.Penalize(RetryAfterPenalty.Of(answer, time));
        if (!(call.Limits.IsCallers && DeadlineHeaders.IsAnsweredAtDeadline(answer)))
        {
            report(loser.Endpoint, AnswerVerdict.Of(status, GrpcStatus.CanBeIn(answer) ? GrpcStatus.Read(answer.Headers) : GrpcStatus.None));
        }
    }
}
