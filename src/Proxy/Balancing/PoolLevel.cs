namespace Mesh.Proxy.Balancing;

/// <summary>The endpoints of a pool that are equally near.</summary>
internal sealed class PoolLevel
{
    /// <param name="endpoints">All of them.</param>
    /// <param name="tables">Null when the service does not hash.</param>
    public PoolLevel(IEnumerable<UpstreamEndpoint> endpoints, HashTables? tables)
    {
        var members = endpoints.Where(static endpoint => endpoint.IsMember).ToArray();
        Total = members.Length;
        Selectable = Array.FindAll(members, static endpoint => endpoint.IsSelectable);
        Places = tables is null ? null : new HashedEndpoints(Selectable, tables);
    }

    /// <summary>How many there are, without those that leave by plan.</summary>
    public int Total { get; }

    /// <summary>Those that get requests while they are healthy.</summary>
    public UpstreamEndpoint[] Selectable { get; }

    public HashedEndpoints? Places { get; }
}
