using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Grains.Services;

/// <summary>A service as it is stored: everything its grain owns but the leases and the revisions.</summary>
public sealed record ServiceRecord
{
    /// <summary>The newest form of the record this program writes.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    public required ServiceName Service { get; init; }

    /// <summary>Grows by one with every stored change, also across a deletion and a new creation; 0 before the first.</summary>
    public long Revision { get; init; }

    /// <summary>The revision at which <see cref="Spec"/> last changed.</summary>
    public long SpecRevision { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null when the service does not exist: never made, or deleted.</summary>
    public ServiceSpec? Spec { get; init; }

    /// <summary>Each region's endpoints, by the region's name; only that region changes them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Endpoint>> Endpoints { get; init; } =
        new Dictionary<string, IReadOnlyList<Endpoint>>();

    public IReadOnlyList<Endpoint> EndpointsOf(string region) => Endpoints.GetValueOrDefault(region) ?? [];

    /// <summary>The endpoints with those of one region replaced.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Endpoint>> WithEndpoints(string region, IReadOnlyList<Endpoint> endpoints)
    {
        var next = new Dictionary<string, IReadOnlyList<Endpoint>>(Endpoints);
        if (endpoints.Count == 0)
        {
            next.Remove(region);
        }
        else
        {
            next[region] = endpoints;
        }

        return next;
    }

    /// <summary>Every region's endpoints, in the order of regions and ids.</summary>
    public IReadOnlyList<Endpoint> AllEndpoints() =>
        [.. Endpoints.OrderBy(static pair => pair.Key, StringComparer.Ordinal).SelectMany(static pair => pair.Value)];

    public static ServiceRecord Empty(ServiceName service) => new() { Service = service };
}
