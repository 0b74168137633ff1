namespace Mesh.Proxy.Balancing;

/// <summary>
/// Two choices by peak-sensitive latency times load. Latencies that are much the same do not count: they differ by
/// chance, and by how recently each endpoint was used, which would take from the heavy and give to the light.
/// </summary>
internal sealed class PeakEwmaBalancer(UpstreamEndpoint[] endpoints, SlowStartRamp? ramp, Random random)
    : TwoChoicesBalancer(endpoints, ramp, random)
{
    /// <summary>Up to this ratio latencies are much the same.</summary>
    private const double Tolerance = 1.5;

    /// <summary>How long an endpoint seems to take, at least, that asked to be spared: 10 s. Its own speed is that of its refusals.</summary>
    private const double PenaltyMilliseconds = 10_000;

    protected override bool IsCheaper(UpstreamEndpoint one, UpstreamEndpoint other, long now)
    {
        var (latency, otherLatency) = (Latency(one, now), Latency(other, now));
        var (load, otherLoad) = (Load(one, now), Load(other, now));
        return latency <= Tolerance * otherLatency && otherLatency <= Tolerance * latency
            ? load < otherLoad
            : latency * load < otherLatency * otherLoad;
    }

    private static double Latency(UpstreamEndpoint endpoint, long now)
    {
        var latency = endpoint.Stats.LatencyMilliseconds(now);
        return endpoint.Stats.IsPenalized(now) ? Math.Max(PenaltyMilliseconds, latency) : latency;
    }
}
