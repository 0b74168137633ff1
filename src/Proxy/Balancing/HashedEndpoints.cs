namespace Mesh.Proxy.Balancing;

/// <summary>Endpoints in places of consistent hashing: all that may get requests at all, also those that are out at the moment, so that nobody else's keys move.</summary>
internal sealed class HashedEndpoints(UpstreamEndpoint[] endpoints, HashTables tables)
{
    private volatile Placed? _placed;

    public UpstreamEndpoint At(ulong hash)
    {
        var placed = _placed ?? Place();
        return placed.Endpoints[placed.Table.At(hash)];
    }

    private Placed Place()
    {
        // In an order that does not depend on the snapshot's.
        var ordered = endpoints.ToArray();
        var keys = Array.ConvertAll(ordered, static endpoint => endpoint.IdentityHash);
        Array.Sort(keys, ordered);
        var weights = Array.ConvertAll(ordered, static endpoint => endpoint.Endpoint.Weight);
        return _placed = new Placed(tables.Get(keys, weights), ordered);
    }

    private sealed record Placed(HashTable Table, UpstreamEndpoint[] Endpoints);
}
