using Mesh.Abstractions.Traffic;
using Mesh.Proxy.Balancing;

namespace Mesh.Proxy.Resilience;

/// <summary>
/// Takes endpoints that keep failing out of the rotation of one service at one revision, for a time that doubles with
/// every ejection; then one request decides whether an endpoint returns.
/// </summary>
/// <remarks>
/// Requests read an immutable picture of who is in. It is drawn anew, under a lock, only when somebody was ejected or
/// returned, or when the time of an ejection is over.
/// </remarks>
internal sealed class OutlierDetector
{
    private readonly int _threshold;
    private readonly EjectionSchedule _schedule;
    private readonly LoadBalancerType _balancer;
    private readonly UpstreamEndpoint[] _endpoints;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly int _maxEjected;
    private volatile Picture _picture;

    /// <param name="endpoints">Those that get requests unless they are ejected.</param>
    /// <param name="previous">The detector this one follows.</param>
    public OutlierDetector(
        OutlierDetection policy, LoadBalancerType balancer, UpstreamEndpoint[] endpoints, OutlierDetector? previous, TimeProvider time, Random random)
    {
        _threshold = policy.ConsecutiveFailures;
        _schedule = new EjectionSchedule(policy, time, random);
        _balancer = balancer;
        _endpoints = endpoints;
        _time = time;
        _random = random;
        _maxEjected = MaxEjected(endpoints.Length, policy.MaxEjectedPercent);
        Gate = previous?.Gate ?? new EjectionGate();
        lock (Gate.Lock)
        {
            ReturnTooMany(time.GetTimestamp());
            _picture = Draw();
        }
    }

    /// <summary>Those that get requests at the moment.</summary>
    public Rotation Rotation => Current().Rotation;

    private EjectionGate Gate { get; }

    /// <summary>Picks an endpoint for a request's first try.</summary>
    /// <param name="isProbe">The request decides whether the endpoint returns: its verdict must be reported.</param>
    /// <returns>Null when there is none that is not ejected.</returns>
    public UpstreamEndpoint? Pick(long now, out bool isProbe)
    {
        isProbe = false;
        if (now >= Current().NextProbe && StartProbe(now) is { } probed)
        {
            isProbe = true;
            return probed;
        }

        return Current().Rotation.Pick(now);
    }

    /// <summary>When the first of the ejected may be probed; null when none is ejected.</summary>
    public TimeSpan? NextProbeIn(long now) => Current().NextProbe is var next and < long.MaxValue
        ? _time.GetElapsedTime(now, Math.Max(now, next))
        : null;

    public void Report(UpstreamEndpoint endpoint, TryVerdict verdict, bool isProbe)
    {
        var state = endpoint.Stats.Ejection;
        if (isProbe && state.Phase == EjectionPhase.Probing)
        {
            EndProbe(state, verdict);
        }
        else if (verdict == TryVerdict.Success)
        {
            state.CountSuccess();
        }
        else if (verdict == TryVerdict.Failure && !state.IsOut && state.CountFailure() >= _threshold)
        {
            TryEject(state);
        }
    }

    /// <summary>Never all of them, unless that was asked for; and at least one of several, unless none was.</summary>
    private static int MaxEjected(int count, int percent) => percent switch
    {
        <= 0 => 0,
        >= 100 => count,
        _ => Math.Min(Math.Max(count - 1, 0), Math.Max(1, count * percent / 100)),
    };

    /// <returns>Null when another request was faster.</returns>
    private UpstreamEndpoint? StartProbe(long now)
    {
        lock (Gate.Lock)
        {
            foreach (var endpoint in _endpoints)
            {
                var state = endpoint.Stats.Ejection;
                if (state.IsOut && state.Until <= now)
                {
                    _schedule.Probe(state, now);
                    Gate.Changed();
                    _picture = Draw();
                    return endpoint;
                }
            }

            _picture = Draw();
            return null;
        }
    }

    private void EndProbe(EjectionState state, TryVerdict verdict)
    {
        var now = _time.GetTimestamp();
        lock (Gate.Lock)
        {
            // A probe that took too long may have been overtaken by another.
            if (state.Phase != EjectionPhase.Probing)
            {
                return;
            }

            switch (verdict)
            {
                case TryVerdict.Success:
                    state.Return(now);
                    break;
                case TryVerdict.Failure:
                    state.CountFailure();
                    _schedule.Eject(state, now);
                    break;
                default:
                    state.AwaitProbe(now);
                    break;
            }

            Gate.Changed();
        }
    }

    private void TryEject(EjectionState state)
    {
        var picture = _picture;
        if (picture.Ejected >= _maxEjected && picture.Version == Gate.Version)
        {
            return;
        }

        var now = _time.GetTimestamp();
        lock (Gate.Lock)
        {
            if (!state.IsOut && state.ConsecutiveFailures >= _threshold && CountEjected() < _maxEjected)
            {
                _schedule.Eject(state, now);
                Gate.Changed();
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
            Gate.Changed();
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

    private Picture Current()
    {
        var picture = _picture;
        if (picture.Version == Gate.Version)
        {
            return picture;
        }

        lock (Gate.Lock)
        {
            return _picture = Draw();
        }
    }

    /// <summary>Only under the lock.</summary>
    private Picture Draw()
    {
        var next = long.MaxValue;
        foreach (var endpoint in _endpoints)
        {
            if (endpoint.Stats.Ejection.IsOut)
            {
                next = Math.Min(next, endpoint.Stats.Ejection.Until);
            }
        }

        var rotation = new Rotation(_balancer, [.. _endpoints.Where(static endpoint => !endpoint.Stats.Ejection.IsOut)], _random);
        return new Picture(rotation, Gate.Version, CountEjected(), next);
    }

    /// <param name="NextProbe">The timestamp at which the first of the ejected may be probed.</param>
    private sealed record Picture(Rotation Rotation, long Version, int Ejected, long NextProbe);
}
