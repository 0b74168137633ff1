using Mesh.Proxy.Filters;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Sessions;

namespace Mesh.Proxy.Routing;

/// <summary>A compiled rule: what happens to a request it matches. Immutable.</summary>
internal sealed class RuleModel
{
    private readonly long[] _cumulative;

    public RuleModel(string name, BackendModel[] backends)
    {
        Name = name;
        Backends = backends;
        _cumulative = new long[backends.Length];
        var total = 0L;
        for (var i = 0; i < backends.Length; i++)
        {
            _cumulative[i] = total += backends[i].Weight;
        }

        TotalWeight = total;
    }

    /// <summary>Empty for the rule that a service without rules has.</summary>
    public string Name { get; }

    public BackendModel[] Backends { get; }

    public long TotalWeight { get; }

    /// <summary>Limit of the whole request; null for none.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>Limit of one try; null for none.</summary>
    public TimeSpan? TryTimeout { get; init; }

    /// <summary>Null when every request is on its own.</summary>
    public SessionPolicy? Sessions { get; init; }

    /// <summary>Null when only connections that could not be made are tried again.</summary>
    public RetryRule? Retry { get; init; }

    /// <summary>Filters that may answer a request; null when there are none.</summary>
    public RuleFilters? Filters { get; init; }

    /// <summary>The longest silence once a response has begun; null for no limit.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long the first try has alone; null when there is no second beside it.</summary>
    public TimeSpan? HedgeDelay { get; init; }

    /// <summary>Null when the rule has no rate limit.</summary>
    public RuleRateLimiter? RateLimit { get; init; }

    /// <summary>What filters do to requests and responses; null when they do nothing. A backend may have its own.</summary>
    public RequestChanges? Changes { get; init; }

    /// <summary>What filters did; null when there are none that count.</summary>
    public FilterCounters? FilterCounters { get; init; }

    /// <summary>Picks a backend with probability weight over the sum of weights; null when all weights are 0.</summary>
    public BackendModel? PickBackend(Random random)
    {
        if (Backends.Length == 1 && TotalWeight > 0)
        {
            return Backends[0];
        }

        if (TotalWeight == 0)
        {
            return null;
        }

        var draw = random.NextInt64(TotalWeight);
        var index = 0;
        while (draw >= _cumulative[index])
        {
            index++;
        }

        return Backends[index];
    }
}
