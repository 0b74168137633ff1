using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Regions;
using Mesh.Grains.Services;

namespace Mesh.Grains.Tests.Regions;

/// <summary>One region's copy of a service, as its grain would keep it, and that region's clock.</summary>
internal sealed class Region(string name)
{
    public static readonly ServiceName Service = new("shop", "web");
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name => name;

    public ServiceRecord Record { get; private set; } = ServiceRecord.Empty(Service);

    public DateTimeOffset Now { get; set; } = Start;

    /// <summary>What its revisions would tell, oldest first.</summary>
    public List<MergeOutcome> Merges { get; } = [];

    public ServiceSpec Spec => Record.Spec ?? throw new InvalidOperationException("The service does not exist.");

    public IEnumerable<string> Rules => Spec.Routes.Select(static rule => rule.Name);

    public Reduction Write(ServiceCommand command)
    {
        var reduction = ServiceReducer.Apply(Record, command, Precondition.None, name, Now);
        Record = Stored(reduction.Record);
        return reduction;
    }

    public MergeOutcome Hear(Region peer) => Hear(peer.Record, peer.Name);

    public MergeOutcome Hear(ServiceRecord record, string from)
    {
        var outcome = ServiceMerger.Merge(Record, record, from, name, Now, Tombstones.Limit(Now, []));
        Record = Stored(outcome.Record);
        if (outcome.IsChanged)
        {
            Merges.Add(outcome);
        }

        return outcome;
    }

    /// <summary>The store is emptied, or put back to an older state.</summary>
    public void Restore(ServiceRecord? record = null) => Record = record ?? ServiceRecord.Empty(Service);

    /// <summary>Everybody hears of everybody until there is no more news.</summary>
    public static void Settle(params IReadOnlyList<Region> regions)
    {
        for (var round = 0; round < 20; round++)
        {
            var isNews = false;
            foreach (var to in regions)
            {
                foreach (var from in regions.Where(from => from != to))
                {
                    isNews |= to.Hear(from).IsChanged;
                }
            }

            if (!isNews)
            {
                return;
            }
        }

        throw new InvalidOperationException("The regions still have news for each other after 20 rounds.");
    }

    /// <summary>The snapshot but for its revision, which is each region's own.</summary>
    public byte[] SnapshotBytes() => (Record with { Revision = 0 }).ToSnapshot().Json.Value;

    public static PutEndpoint Instance(string id, EndpointSource source = EndpointSource.Sidecar) =>
        new(id, new EndpointSpec { Host = "10.0.0.1", Port = 80 }, source);

    private static ServiceRecord Stored(ServiceRecord record) => MeshJson.Decode<ServiceRecord>(MeshJson.Encode(record));
}
