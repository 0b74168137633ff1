using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Validation;
using Mesh.Silo.Api.Documents;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Writes;

/// <summary>
/// The order in which items are applied: an item that takes a host over from another item of the same apply comes
/// after it. Within a wave, the order does not matter.
/// </summary>
/// <param name="Waves">Positions in the list of items.</param>
internal sealed record ApplyPlan(IReadOnlyList<IReadOnlyList<int>> Waves)
{
    /// <exception cref="ApiException">A host belongs to a service that keeps it: 409.</exception>
    public static async Task<ApplyPlan> Make(SpecReview review, IReadOnlyList<PlacedItem> items)
    {
        var specs = items.ToDictionary(static placed => placed.Item.Service, static placed => placed.Item.Spec);
        var conflicts = new List<SpecError>();
        var first = new List<int>();
        var second = new List<int>();
        for (var i = 0; i < items.Count; i++)
        {
            var (item, path) = items[i];
            var taken = await review.FindTakenHosts(item.Service, item.Spec.Hosts);
            var hosts = path.Field("spec").Field("hosts");
            conflicts.AddRange(taken
                .Where(host => !IsGivenUp(host.Owner, item.Spec.Hosts[host.Index]))
                .Select(host => SpecReview.TakenHost(hosts.Item(host.Index), item.Spec.Hosts[host.Index], host.Owner)));
            (taken.Count > 0 ? second : first).Add(i);
        }

        return conflicts.Count == 0
            ? new ApplyPlan([first, second])
            : throw ApiException.Conflict("A host can name one service only. Nothing was applied.", conflicts);

        bool IsGivenUp(ServiceName owner, string host) => specs.TryGetValue(owner, out var next) && !next.Hosts.Contains(host);
    }
}
