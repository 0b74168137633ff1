namespace Mesh.Proxy.Balancing;

/// <summary>The endpoints of one level of nearness that get requests at the moment, and the choice among them. Immutable.</summary>
/// <param name="balancer">Null when there are no endpoints.</param>
internal sealed class Rotation(UpstreamEndpoint[] endpoints, Balancer? balancer, Random random)
{
    /// <summary>How often the balancer may propose before the rest is searched one by one.</summary>
    private const int Proposals = 4;

    public static Rotation Empty { get; } = new([], null, Random.Shared);

    public int Count => endpoints.Length;

    /// <returns>Null when there is none.</returns>
    public UpstreamEndpoint? Pick(in PickContext context) => balancer?.Pick(context);

    /// <summary>Picks an endpoint that is not among those tried.</summary>
    /// <returns>Null when all were tried.</returns>
    public UpstreamEndpoint? PickUntried(PickContext context, List<EndpointStats> tried)
    {
        for (var i = 0; i < Proposals && balancer is not null; i++)
        {
            var proposed = balancer.Pick(context);
            if (!tried.Contains(proposed.Stats))
            {
                return proposed;
            }

            context = context.Next();
        }

        var start = endpoints.Length == 0 ? 0 : random.Next(endpoints.Length);
        for (var i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(start + i) % endpoints.Length];
            if (!tried.Contains(endpoint.Stats))
            {
                return endpoint;
            }
        }

        return null;
    }
}
