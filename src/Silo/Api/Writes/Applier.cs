using System.Globalization;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Validation;
using Mesh.Abstractions.Writes;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.Documents;
using Mesh.Silo.Api.Requests;

namespace Mesh.Silo.Api.Writes;

/// <summary>Applies validated items: each service as a whole or not at all, several at a time.</summary>
internal sealed class Applier(ControlPlane controlPlane, SpecReview review)
{
    public async Task<ApplyReport> Apply(HttpContext context, IReadOnlyList<PlacedItem> items)
    {
        var plan = await ApplyPlan.Make(review, items);
        var warnings = await Warn(items);
        var applied = new AppliedItem[items.Count];
        var (isDryRun, by, from) = (context.Request.IsDryRun(), Caller.Name(context), Caller.Address(context));
        var trail = AuditTrail.Of(context);
        trail.Begin();
        foreach (var wave in plan.Waves)
        {
            // Not cancelled when the client leaves: half an apply helps nobody.
            await Parallel.ForEachAsync(
                wave,
                new ParallelOptions { MaxDegreeOfParallelism = ApiLimits.ApplyParallelism },
                async (index, _) => applied[index] = await Apply(items[index].Item, Request(items[index].Item), trail));
        }

        return new ApplyReport(applied, warnings);

        WriteRequest Request(ApplyItem item) => new()
        {
            Command = new ApplyDocument(item.Spec, item.Endpoints),
            DryRun = isDryRun,
            Author = ServiceWriter.Author,
            By = by,
            From = from,
        };
    }

    private async Task<AppliedItem> Apply(ApplyItem item, WriteRequest request, AuditTrail trail)
    {
        try
        {
            var result = await controlPlane.Service(item.Service).Write(request);
            if (result.Status == WriteStatus.Stored)
            {
                trail.Add(item.Service, result.Service?.Revision);
            }

            return result.Status switch
            {
                WriteStatus.Stored => Done(item, result.Created ? ApplyOutcome.Created : ApplyOutcome.Updated, result),
                WriteStatus.Unchanged => Done(item, ApplyOutcome.Unchanged, result),
                _ => Failed(item, string.Create(CultureInfo.InvariantCulture, $"refused: {string.Join("; ", result.Errors)}")),
            };
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException or OrleansException)
        {
            return Failed(item, "the store or a silo did not answer in time; it may or may not have been stored");
        }
    }

    private async Task<IReadOnlyList<SpecError>> Warn(IReadOnlyList<PlacedItem> items)
    {
        var found = new List<SpecError>();
        var applied = items.Select(static placed => placed.Item.Service).ToHashSet();
        var references = new List<(Abstractions.Naming.ServiceName Service, JsonPath Path)>();
        foreach (var (item, path) in items)
        {
            var spec = path.Field("spec");
            references.AddRange(BackendReferences
                .Of(item.Service, item.Spec.Routes.Select((rule, index) => (rule, spec.Field("routes").Item(index))))
                .Where(reference => !applied.Contains(reference.Service)));
        }

        var missing = references.Count == 0
            ? []
            : (await controlPlane.Catalog.FindMissing([.. references.Select(static reference => reference.Service).Distinct()])).ToHashSet();
        found.AddRange(references.Where(reference => missing.Contains(reference.Service)).Select(BackendReferences.Warn));
        return found.Count <= SpecErrors.Limit
            ? found
            : [.. found.Take(SpecErrors.Limit), new SpecError("$", $"there are {found.Count} warnings; these are the first {SpecErrors.Limit}")];
    }

    private static AppliedItem Done(ApplyItem item, ApplyOutcome outcome, WriteResult result) =>
        new(item.Namespace, item.Name, outcome, result.Service?.Revision, null);

    private static AppliedItem Failed(ApplyItem item, string reason) => new(item.Namespace, item.Name, ApplyOutcome.Failed, null, reason);
}
