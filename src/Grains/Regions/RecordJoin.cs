using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Services;
using Mesh.Grains.Services;

namespace Mesh.Grains.Regions;

/// <summary>
/// The join of two regions' records of one service: idempotent, commutative and associative, so that all regions that
/// have heard of the same writes hold the same, in whatever order and however often they heard of them.
/// <list type="bullet">
/// <item>Each register is taken from the write with the higher stamp.</item>
/// <item>A region's endpoints are taken at their highest version, of the oldest line that anybody remembers.</item>
/// <item>Deletions are writes like others, until they are collected. A register that only one side knows and that is not
/// newer than the other's floor was deleted there. Of regions that were all away for longer than deletions are kept, it
/// may depend on the order of their return what a register becomes that they wrote meanwhile; they still end up equal.</item>
/// <item>The deletion of a service, once collected, is final for a peer that has not heard of it: of the rest of the
/// service nothing is left for a later edit to bring back, and half a service would be worse than none.</item>
/// </list>
/// </summary>
internal static class RecordJoin
{
    /// <returns>The left record with the joined content, and the conflicts that the left side had not heard of.</returns>
    public static (ServiceRecord Record, IReadOnlyList<ResolvedConflict> Conflicts) Join(ServiceRecord left, ServiceRecord right)
    {
        var conflicts = new List<ResolvedConflict>();
        var states = JoinRegisters(left, right, conflicts);
        var (endpoints, sections) = JoinEndpoints(left, right);
        var joined = RecordRegisters.With(left, states) with
        {
            Endpoints = endpoints,
            Sections = sections,
            Floor = HybridTime.Max(left.Floor, right.Floor),
        };
        return (joined, conflicts);
    }

    private static SortedDictionary<string, RegisterState> JoinRegisters(
        ServiceRecord left, ServiceRecord right, List<ResolvedConflict> conflicts)
    {
        var ours = RecordRegisters.Of(left);
        var theirs = RecordRegisters.Of(right);
        if (IsFinalFor(left, right))
        {
            return Finish(ours, theirs);
        }

        if (IsFinalFor(right, left))
        {
            var finished = Finish(theirs, ours);
            AddConflicts(conflicts, SpecRegisters.Exists, ours[SpecRegisters.Exists], finished[SpecRegisters.Exists]);
            return finished;
        }

        var joined = new SortedDictionary<string, RegisterState>(StringComparer.Ordinal);
        foreach (var key in ours.Keys.Union(theirs.Keys))
        {
            var isOurs = ours.TryGetValue(key, out var our);
            var isTheirs = theirs.TryGetValue(key, out var their);
            if (isOurs && isTheirs)
            {
                joined[key] = RegisterState.Join(our, their);
                AddConflicts(conflicts, key, our, joined[key]);
            }
            else if (isOurs && our.Register.At.Time <= right.Floor && right.Floor > default(HybridTime))
            {
                // A deletion that the peer has collected before us is no loss, and a place goes with its rule.
                if (our.Json is not null && SpecRegisters.RuleOfOrder(key) is null)
                {
                    Add(conflicts, key, null, our.ToLost());
                }
            }
            else if (isOurs || their.Register.At.Time > left.Floor || left.Floor == default)
            {
                joined[key] = isOurs ? our : their;
            }
        }

        return joined;
    }

    /// <summary>Whether <paramref name="gone"/> is a collected deletion that <paramref name="other"/> has not heard of.</summary>
    private static bool IsFinalFor(ServiceRecord gone, ServiceRecord other) =>
        Tombstones.IsCollected(gone)
        && other.Registers.TryGetValue(SpecRegisters.Exists, out var exists)
        && !exists.HasHeardOf(gone.Registers[SpecRegisters.Exists].At);

    private static SortedDictionary<string, RegisterState> Finish(
        SortedDictionary<string, RegisterState> gone, SortedDictionary<string, RegisterState> other)
    {
        gone[SpecRegisters.Exists] = gone[SpecRegisters.Exists].JoinLosing(other[SpecRegisters.Exists]);
        return gone;
    }

    private static (SortedDictionary<string, IReadOnlyList<Endpoint>> Endpoints, SortedDictionary<string, EndpointSection> Sections)
        JoinEndpoints(ServiceRecord left, ServiceRecord right)
    {
        var endpoints = new SortedDictionary<string, IReadOnlyList<Endpoint>>(StringComparer.Ordinal);
        var sections = new SortedDictionary<string, EndpointSection>(StringComparer.Ordinal);
        foreach (var region in left.Endpoints.Keys.Union(right.Endpoints.Keys).Union(left.Sections.Keys).Union(right.Sections.Keys))
        {
            var ours = left.Sections.GetValueOrDefault(region);
            var theirs = right.Sections.GetValueOrDefault(region);
            var isTheirs = ours is null ? theirs is not null || !left.Endpoints.ContainsKey(region) : theirs?.GoesBefore(ours) ?? false;
            if ((isTheirs ? theirs : ours) is { } section)
            {
                sections[region] = section;
            }

            var list = (isTheirs ? right : left).EndpointsOf(region);
            if (list.Count > 0)
            {
                endpoints[region] = list;
            }
        }

        return (endpoints, sections);
    }

    /// <summary>Tells of the writes that have lost now, or that had lost elsewhere without our having heard of them.</summary>
    private static void AddConflicts(List<ResolvedConflict> conflicts, string key, RegisterState before, RegisterState after)
    {
        foreach (var lost in after.Register.Lost ?? [])
        {
            if (before.Register.Lost is null || !before.Register.Lost.Any(known => known.At == lost.At))
            {
                Add(conflicts, key, after.ToLost(), lost);
            }
        }
    }

    private static void Add(List<ResolvedConflict> conflicts, string key, LostWrite? kept, LostWrite lost)
    {
        // A default that an instance was given without a spec is nobody's decision.
        if (lost.At.Time > default(HybridTime) && (kept is null || !MeshJson.Same(kept.Value, lost.Value)))
        {
            conflicts.Add(new ResolvedConflict { Register = key, Kept = kept is null ? null : ToWrite(kept), Lost = ToWrite(lost) });
        }
    }

    private static ConflictingWrite ToWrite(LostWrite write) => new()
    {
        Region = write.At.Region,
        At = write.At.Time.ToDateTimeOffset(),
        Value = write.Value,
    };
}
