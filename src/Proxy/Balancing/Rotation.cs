using Mesh.Abstractions.Traffic;

namespace Mesh.Proxy.Balancing;

/// <summary>The endpoints that get requests at the moment, and the choice among them. Immutable.</summary>
internal sealed class Rotation
{
    /// <summary>How often the balancer may propose before the rest is searched one by one.</summary>
    private const int Proposals = 4;

    private readonly UpstreamEndpoint[] _endpoints;
    private readonly Balancer? _balancer;
    private readonly Random _random;

    public Rotation(LoadBalancerType type, UpstreamEndpoint[] endpoints, Random random)
    {
        _endpoints = endpoints;
        _balancer = endpoints.Length == 0 ? null : Balancer.Create(type, endpoints, random);
        _random = random;
    }

    /// <returns>Null when there is none.</returns>
    public UpstreamEndpoint? Pick(long now) => _balancer?.Pick(now);

    /// <summary>Picks an endpoint that is not among those tried.</summary>
    /// <returns>Null when all were tried.</returns>
    public UpstreamEndpoint? PickUntried(long now, List<EndpointStats> tried)
    {
        for (var i = 0; i < Proposals && _balancer is not null; i++)
        {
            var proposed = _balancer.Pick(now);
            if (!tried.Contains(proposed.Stats))
            {
                return proposed;
            }
        }

        var start = _endpoints.Length == 0 ? 0 : _random.Next(_endpoints.Length);
        for (var i = 0; i < _endpoints.Length; i++)
        {
            var endpoint = _endpoints[(start + i) % _endpoints.Length];
            if (!tried.Contains(endpoint.Stats))
            {
                return endpoint;
            }
        }

        return null;
    }
}
