using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Balancing;

/// <summary>How the share of an endpoint that has joined or returned grows to its full one.</summary>
internal sealed class SlowStartRamp
{
    /// <summary>1 h, as the API allows, so that nothing a peer sends can overflow.</summary>
    private const double LongestSeconds = 3600;

    private readonly long _window;
    private readonly double _least;

    /// <param name="frequency">Timestamp units per second.</param>
    public SlowStartRamp(SlowStart policy, long frequency)
    {
        _window = (long)(Math.Clamp(policy.Window.TotalSeconds, 0.001, LongestSeconds) * frequency);
        _least = Math.Clamp(policy.MinPercent, 1, 100) / 100.0;
    }

    /// <summary>The timestamp from which an endpoint has its full share.</summary>
    public long EndOf(EndpointStats stats) => stats.JoinedAt is { } joined ? joined + _window : long.MinValue;

    /// <summary>The timestamp from which all have.</summary>
    public long EndOf(ReadOnlySpan<UpstreamEndpoint> endpoints)
    {
        var last = long.MinValue;
        foreach (var endpoint in endpoints)
        {
            last = Math.Max(last, EndOf(endpoint.Stats));
        }

        return last;
    }

    /// <summary>The part of its weight that an endpoint has at the moment: above 0, at most 1.</summary>
    public double Factor(EndpointStats stats, long now)
    {
        if (stats.JoinedAt is not { } joined)
        {
            return 1;
        }

        var elapsed = (double)(now - joined) / _window;
        return elapsed >= 1 ? 1 : _least + ((1 - _least) * Math.Max(elapsed, 0));
    }
}
