using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// Takes endpoints that keep failing out of one pool, for a time that doubles with every ejection; then one request
/// decides whether an endpoint returns. What it decides is in the endpoints' <see cref="EjectionState"/>; their pools
/// learn of it by the version of the <see cref="HealthGate"/>.
/// </summary>
internal sealed class OutlierDetector
{
    private readonly int _threshold;
    private readonly int _gatewayThreshold;
    private readonly EjectionSchedule _schedule;
    private readonly UpstreamEndpoint[] _endpoints;
    private readonly HealthGate _gate;
    private readonly TimeProvider _time;
    private readonly int _maxEjected;
    private readonly bool _hasChecks;

    /// <summary>The gate's version at which no more could be ejected, so that a service whose endpoints all fail does not queue for the lock.</summary>
    private long _fullAt = -1;

    /// <param name="endpoints">Those that get requests unless they are ejected.</param>
    /// <param name="hasChecks">Active health checks have a say as well.</param>
    /// <param name="returnsTooMany">Puts some back at once if more are ejected than are allowed.</param>
    public OutlierDetector(
        OutlierDetection policy, UpstreamEndpoint[] endpoints, HealthGate gate, bool hasChecks, bool returnsTooMany, TimeProvider time, Random random)
    {
        _threshold = policy.ConsecutiveFailures;
        _gatewayThreshold = policy.ConsecutiveGatewayErrors ?? int.MaxValue;
        _schedule = new EjectionSchedule(policy, time, random);
        _endpoints = endpoints;
        _gate = gate;
        _time = time;
        _hasChecks = hasChecks;
        _maxEjected = MaxEjected(endpoints.Length, policy.MaxEjectedPercent);
        foreach (var endpoint in endpoints)
        {
            endpoint.Stats.Ejection.Watch(policy.SuccessRate, time.TimestampFrequency);
        }

        if (returnsTooMany)
        {
            lock (gate.Lock)
            {
                ReturnTooMany(time.GetTimestamp());
            }
        }
    }

    /// <summary>The timestamp from which the first of the ejected may be probed; <see cref="long.MaxValue"/> when none may.</summary>
    public long NextProbe
    {
        get
        {
            var next = long.MaxValue;
            foreach (var endpoint in _endpoints)
            {
                if (AwaitsProbe(endpoint))
                {
                    next = Math.Min(next, endpoint.Stats.Ejection.Until);
                }
            }

            return next;
        }
    }

    /// <summary>When the first of the ejected may be probed; null when none may.</summary>
    public TimeSpan? NextProbeIn(long now) => NextProbe is var next and < long.MaxValue
        ? _time.GetElapsedTime(now, Math.Max(now, next))
        : null;

    /// <summary>Lets a request be the probe of an endpoint whose ejection is over.</summary>
    /// <returns>Null when there is none, or another request was faster.</returns>
    public UpstreamEndpoint? StartProbe(long now)
    {
        lock (_gate.Lock)
        {
            foreach (var endpoint in _endpoints)
            {
                if (AwaitsProbe(endpoint) && endpoint.Stats.Ejection.Until <= now)
                {
                    _schedule.Probe(endpoint.Stats.Ejection, now);
                    _gate.Changed();
                    return endpoint;
                }
            }

            return null;
        }
    }

    /// <summary>Of the ejected endpoints that are not among those tried, the one that is to be probed first.</summary>
    /// <returns>Null when there is none.</returns>
    public UpstreamEndpoint? FindEjected(List<EndpointStats> tried)
    {
        UpstreamEndpoint? first = null;
        foreach (var endpoint in _endpoints)
        {
            if (AwaitsProbe(endpoint) && !tried.Contains(endpoint.Stats)
                && (first is null || endpoint.Stats.Ejection.Until < first.Stats.Ejection.Until))
            {
                first = endpoint;
            }
        }

        return first;
    }

    public void Report(UpstreamEndpoint endpoint, TryVerdict verdict, bool isProbe)
    {
        var state = endpoint.Stats.Ejection;
        if (isProbe && state.Phase == EjectionPhase.Probing)
        {
            EndProbe(endpoint, verdict);
            return;
        }

        if (verdict == TryVerdict.Nothing || state.IsOut)
        {
            return;
        }

        var now = _time.GetTimestamp();
        state.Outcomes?.Count(verdict != TryVerdict.Success, now);
        if (verdict == TryVerdict.Success)
        {
            state.CountSuccess();
            return;
        }

        state.CountFailure(verdict == TryVerdict.GatewayError);
        if (IsOutlier(state, now))
        {
            TryEject(state, now);
        }
    }

    /// <summary>Never all of them, unless that was asked for; and at least one of several, unless none was.</summary>
    private static int MaxEjected(int count, int percent) => percent switch
    {
        <= 0 => 0,
        >= 100 => count,
        _ => Math.Min(Math.Max(count - 1, 0), Math.Max(1, count * percent / 100)),
    };

    /// <summary>Who fails its health checks is left to them.</summary>
    private bool AwaitsProbe(UpstreamEndpoint endpoint) =>
        endpoint.Stats.Ejection.IsOut && !(_hasChecks && endpoint.Stats.Health.IsFailing);

    private bool IsOutlier(EjectionState state, long now) =>
        state.ConsecutiveFailures >= _threshold
        || state.ConsecutiveGatewayErrors >= _gatewayThreshold
        || state.Outcomes?.IsBad(now) == true;

    private void EndProbe(UpstreamEndpoint endpoint, TryVerdict verdict)
    {
        var state = endpoint.Stats.Ejection;
        var now = _time.GetTimestamp();
        lock (_gate.Lock)
        {
            // A probe that took too long may have been overtaken by another.
            if (state.Phase != EjectionPhase.Probing)
            {
                return;
            }

            switch (verdict)
            {
                case TryVerdict.Success:
                    endpoint.Stats.Join(now);
                    state.Return(now);
                    break;
                case TryVerdict.Nothing:
                    state.AwaitProbe(now);
                    break;
                default:
                    state.CountFailure(verdict == TryVerdict.GatewayError);
                    _schedule.Eject(state, now);
                    break;
            }

            _gate.Changed();
        }
    }

    private void TryEject(EjectionState state, long now)
    {
        if (Volatile.Read(ref _fullAt) == _gate.Version)
        {
            return;
        }

        lock (_gate.Lock)
        {
            if (state.IsOut || !IsOutlier(state, now))
            {
                return;
            }

            if (CountEjected() < _maxEjected)
            {
                _schedule.Eject(state, now);
                _gate.Changed();
            }
            else
            {
                Volatile.Write(ref _fullAt, _gate.Version);
            }
        }
    }

    /// <summary>With fewer endpoints than before, more may be ejected than are allowed: those whose time is over first return.</summary>
    private void ReturnTooMany(long now)
    {
        for (var tooMany = CountEjected() - _maxEjected; tooMany > 0; tooMany--)
        {
            _endpoints.Where(static endpoint => endpoint.Stats.Ejection.IsOut).MinBy(static endpoint => endpoint.Stats.Ejection.Until)!
                .Stats.Ejection.Return(now);
            _gate.Changed();
        }
    }

    private int CountEjected()
    {
        var count = 0;
        foreach (var endpoint in _endpoints)
        {
            count += endpoint.Stats.Ejection.IsOut ? 1 : 0;
        }

        return count;
    }
}
