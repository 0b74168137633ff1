using Mesh.Abstractions.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Filters;

/// <summary>A compiled <see cref="RequestMirror"/>: a service that gets copies of a share of the requests.</summary>
internal sealed class MirrorTarget
{
    private readonly int _numerator;
    private readonly int _denominator;

    /// <exception cref="ArgumentException">The share is none.</exception>
    public MirrorTarget(RequestMirror mirror, ServiceState service, FilterCounters counters)
    {
        (_numerator, _denominator) = mirror switch
        {
            { Fraction: { } fraction } => (fraction.Numerator, fraction.Denominator),
            { Percent: { } percent } => (percent, 100),
            _ => (1, 1),
        };
        if (_denominator < 1)
        {
            throw new ArgumentException($"{_numerator}/{_denominator} is not a share of the requests");
        }

        Service = service;
        Counters = counters;
    }

    /// <summary>The holder, not a model: its endpoints change without the rule changing.</summary>
    public ServiceState Service { get; }

    public FilterCounters Counters { get; }

    /// <summary>Whether a request is among those that are copied.</summary>
    public bool IsDrawn(Random random) => _numerator >= _denominator || random.Next(_denominator) < _numerator;
}
