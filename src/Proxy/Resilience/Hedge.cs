using System.Diagnostics.CodeAnalysis;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// One try that becomes two when the first endpoint takes too long: a second one is asked as well, and the first answer
/// of the two is the try's. To the forwarder it looks like a single request, so only one answer can ever reach the
/// caller; the other is cancelled and thrown away here, before anything of it was copied.
/// </summary>
/// <remarks>
/// An answer that speaks of a failure (500 and above, or such a gRPC status) waits for the other's: an endpoint that fails
/// at once must not win every race.
/// </remarks>
/// <param name="body">What is recorded of the request's body; null when it has none.</param>
/// <param name="pickSecond">Yields another endpoint, begun in its measurements; null when there is none or it is not allowed.</param>
internal sealed class Hedge(
    HttpMessageInvoker client,
    UpstreamEndpoint first,
    TimeSpan delay,
    ReplayableBody? body,
    Func<UpstreamEndpoint?> pickSecond,
    Action<UpstreamEndpoint> reportFailure,
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
        if (!spare.TryComplete(body) || pickSecond() is not { } endpoint)
        {
            return false;
        }

        second = HedgeTry.Start(client, spare.For(endpoint), endpoint, time, cancellationToken);
        return true;
    }

    /// <summary>Ends the try that lost. Nobody waits for it.</summary>
    private void Drop(HedgeTry loser)
    {
        if (loser.Answer.IsFaulted)
        {
            loser.Endpoint.Stats.Failed(loser.Started);
            reportFailure(loser.Endpoint);
        }
        else if (!loser.IsAnswered)
        {
            // It took at least this long, which is why there was a second.
            loser.Endpoint.Stats.GaveUp(loser.Started);
        }

        _ = loser.EndAsync();
    }
}
