using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Resilience;

/// <summary>How long an endpoint stays out: twice as long with every ejection, until it has done well for long enough.</summary>
internal sealed class EjectionSchedule
{
    /// <summary>Ejections differ by up to 20 % from their length, so that the proxies of a mesh do not probe all at once.</summary>
    private const double Jitter = 0.2;

    /// <summary>1 day, as the API allows, so that nothing a peer sends can overflow.</summary>
    private static readonly TimeSpan LongestEjection = TimeSpan.FromDays(1);

    /// <summary>1 s: how long a probe has at least before another request may be one, should the first never end.</summary>
    private static readonly TimeSpan ShortestProbe = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _shortest;
    private readonly TimeSpan _longest;
    private readonly TimeProvider _time;
    private readonly Random _random;

    public EjectionSchedule(OutlierDetection policy, TimeProvider time, Random random)
    {
        _longest = Shorter(policy.MaxEjection, LongestEjection);
        _shortest = Shorter(policy.MinEjection, _longest);
        _time = time;
        _random = random;
    }

    public void Eject(EjectionState state, long now)
    {
        // Who has served for as long as the longest ejection begins anew.
        var isFirst = state.Length == TimeSpan.Zero
            || (state.Phase == EjectionPhase.InRotation && _time.GetElapsedTime(state.ReturnedAt, now) >= _longest);
        var length = isFirst ? _shortest : Shorter(2 * state.Length, _longest);
        var jittered = length * (1 + (Jitter * ((2 * _random.NextDouble()) - 1)));
        state.Eject(length, now + Units(Shorter(jittered, _longest)));
    }

    /// <summary>A probe has as long as the ejection was.</summary>
    public void Probe(EjectionState state, long now) =>
        state.Probe(now + Units(state.Length > ShortestProbe ? state.Length : ShortestProbe));

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private long Units(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}
