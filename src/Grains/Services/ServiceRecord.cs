using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Grains.Regions;

namespace Mesh.Grains.Services;

/// <summary>A service as it is stored: everything its grain owns but the leases and the revisions.</summary>
public sealed record ServiceRecord
{
    /// <summary>
    /// The latest form of a record that this program reads, and writes where it is needed. 2 added what regions need to
    /// merge (<see cref="RecordUpgrade"/> reads older ones), 3 is a record that says who may call, or by TLS: older
    /// programs, which would drop that, have to leave it alone. A field that older programs may ignore does not raise it.
    /// </summary>
    public const int CurrentFormat = 3;

    /// <summary>That of a record that uses nothing newer.</summary>
    public const int BasicFormat = 2;

    public int Format { get; init; } = BasicFormat;

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

    /// <summary>The state of each region's endpoints, also where it has none (any more).</summary>
    public IReadOnlyDictionary<string, EndpointSection> Sections { get; init; } = new Dictionary<string, EndpointSection>();

    /// <summary>The last writes of the registers the spec is made of (<see cref="SpecRegisters"/>), and of its existence.</summary>
    public IReadOnlyDictionary<string, Register> Registers { get; init; } = new Dictionary<string, Register>();

    /// <summary>Where rules and hosts stand in their lists, by the names of their registers.</summary>
    public IReadOnlyDictionary<string, string> Positions { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The spec of a deleted service, until the deletion is collected: an edit made elsewhere after the deletion, without
    /// knowing of it, brings the service back whole.
    /// </summary>
    public ServiceSpec? Remains { get; init; }

    /// <summary>The service's clock in this region; see <see cref="HybridClock"/>.</summary>
    public HybridTime Clock { get; init; }

    /// <summary>The newest tombstone that was collected: what a peer still holds from before, and nobody else, is gone.</summary>
    public HybridTime Floor { get; init; }

    public IReadOnlyList<Endpoint> EndpointsOf(string region) => Endpoints.GetValueOrDefault(region) ?? [];

    /// <summary>The endpoints with those of one region replaced.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Endpoint>> WithEndpoints(string region, IReadOnlyList<Endpoint> endpoints)
    {
        var next = new SortedDictionary<string, IReadOnlyList<Endpoint>>(new Dictionary<string, IReadOnlyList<Endpoint>>(Endpoints), StringComparer.Ordinal);
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

    /// <summary>The form a record needs for a spec, its own or that of its remains.</summary>
    public static int FormatOf(ServiceSpec? spec) => spec is null
        or { Access: null, Mtls: null, Traffic.Tls: null, NamespaceSettings: null or { AccessDefault: null, AccessAudit: null } }
            ? BasicFormat
            : CurrentFormat;

    public static ServiceRecord Empty(ServiceName service) => new() { Service = service };
}
