namespace Mesh.Proxy.Balancing;

/// <summary>A part of a service's endpoints.</summary>
/// <param name="Labels">Those that endpoints must have; null for none.</param>
internal readonly record struct PoolPart(LabelSet? Labels, PoolScope Scope)
{
    public bool Has(UpstreamEndpoint endpoint, ProxyPlace place) =>
        (Labels?.IsMetBy(endpoint.Endpoint.Labels) ?? true)
        && Scope switch
        {
            PoolScope.Direct => !endpoint.IsGateway,
            PoolScope.OwnRegion => endpoint.Endpoint.Region == place.Region,
            _ => true,
        };
}
