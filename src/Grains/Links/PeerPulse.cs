using Mesh.Abstractions.Grains;
using Mesh.Grains.Regions;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Mesh.Grains.Links;

/// <summary>Whether a peer region lives, and how far its clock is off, as its heartbeats tell.</summary>
/// <remarks>
/// What counts is that heartbeats change, by this silo's own monotonic clock; the peer's clock plays no part. A peer of
/// which there never was one runs an older program: it lives as long as its store answers.
/// </remarks>
/// <param name="staleAfter">The longest silence of a region that lives.</param>
internal sealed partial class PeerPulse(string peer, TimeSpan staleAfter, ILogger logger, TimeProvider time)
{
    /// <summary>
    /// What one look can add to the silence: as long as one may take. A silo that was stopped for a minute has not listened
    /// for a minute, which says nothing of the peer.
    /// </summary>
    public static readonly TimeSpan LongestStep = PeerStore.Limit + Heartbeat.Period;

    private readonly ClockOffset _offset = new();
    private long _lookedAt = time.GetTimestamp();
    private DateTimeOffset? _answeredAfter;
    private string? _beat;
    private bool _isClockOff;
    private string? _problem;

    /// <summary>For how long there was no sign of life, up to the last look.</summary>
    public TimeSpan Silence { get; private set; }

    /// <summary>Null until the first sign of life, or until one is overdue.</summary>
    public bool? IsStale { get; private set; }

    /// <summary>How far the peer's clock is ahead; null when no heartbeat told.</summary>
    public TimeSpan? ClockOffset => _offset.Value;

    /// <summary>What an administrator should know; each is told once.</summary>
    public string? TakeProblem() => Interlocked.Exchange(ref _problem, null);

    /// <summary>Reads the peer's heartbeat.</summary>
    /// <param name="store">Null when there is not even a connection.</param>
    public async Task Look(PeerStore? store, CancellationToken cancellationToken)
    {
        var asked = time.GetUtcNow();
        try
        {
            if (store is null)
            {
                Count(isAlive: false);
            }
            else
            {
                Hear(await store.ReadHeartbeat(cancellationToken), asked);
            }
        }
        catch (StoreUnavailableException exception) when (exception.InnerException is RedisServerException refusal
            && refusal.Message.StartsWith("NOPERM", StringComparison.Ordinal))
        {
            // It lives; that we may not see how well is no reason to spare its endpoints.
            Count(isAlive: true);
            _problem = exception.Message;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The link tells why.
            Count(isAlive: false);
        }
    }

    /// <summary>The peer's store has answered.</summary>
    /// <param name="heartbeat">Null when it has none.</param>
    /// <param name="asked">When it was asked, by our wall clock.</param>
    public void Hear(Heartbeat? heartbeat, DateTimeOffset asked)
    {
        var isNew = heartbeat is not null && heartbeat.Beat != _beat;

        // The first one may be years old.
        Count(isAlive: heartbeat is null ? _beat is null : isNew && _beat is not null);
        if (isNew && _beat is not null && _answeredAfter is { } before && heartbeat!.At is { } at)
        {
            _offset.Add(at, before, time.GetUtcNow());
            JudgeClock();
        }

        _beat = heartbeat?.Beat ?? _beat;
        _answeredAfter = asked;
    }

    private void Count(bool isAlive)
    {
        var now = time.GetTimestamp();
        var step = time.GetElapsedTime(_lookedAt, now);
        _lookedAt = now;
        Silence = isAlive ? TimeSpan.Zero : Silence + (step < LongestStep ? step : LongestStep);
        if (isAlive && IsStale != false)
        {
            if (IsStale == true)
            {
                LogHeard(peer);
            }

            IsStale = false;
        }
        else if (Silence > staleAfter && IsStale != true)
        {
            IsStale = true;
            LogStale(peer, Silence.TotalSeconds);
        }
    }

    private void JudgeClock()
    {
        var isOff = _offset.Value?.Duration() > HybridClock.MaxDrift;
        if (isOff && !_isClockOff)
        {
            var offset = _offset.Value!.Value;
            _problem = $"The clock of region {peer} is {offset.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "ahead of" : "behind")} this region's: "
                + "of concurrent writes the wrong one may win. Set the clocks of both regions' silos by NTP.";
            LogClockOff(_problem);
        }

        _isClockOff = isOff;
    }

    [LoggerMessage(1421, LogLevel.Warning, "Region {Peer} has been silent for {Seconds:0} s, longer than its StaleAfter in Mesh:Peers: its endpoints are used last")]
    private partial void LogStale(string peer, double seconds);

    [LoggerMessage(1422, LogLevel.Information, "Region {Peer} is heard again")]
    private partial void LogHeard(string peer);

    [LoggerMessage(1423, LogLevel.Warning, "{Problem}")]
    private partial void LogClockOff(string problem);
}
