using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>What has to hold when all faults are mended and nobody writes any more. Every problem is told, not only the first.</summary>
internal sealed class Audit(RegionFleet fleet, WriteLedger ledger)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Of one kind of problem: a register that goes wrong is told of again and again.</summary>
    private const int Most = 10;

    /// <returns>What does not hold.</returns>
    public async Task<IReadOnlyList<string>> Run() =>
    [
        .. await AreEqual(fleet),
        .. (await LostWrites()).Take(Most),
        .. WritesOutOfOrder().Take(Most),
        .. (await MissingRevisions()).Take(Most),
    ];

    /// <summary>Whatever was written: regions, proxies and links are in step, and no process had an error.</summary>
    /// <returns>What does not hold.</returns>
    public static async Task<IReadOnlyList<string>> AreEqual(RegionFleet fleet)
    {
        var problems = new List<string>();
        await Note(problems, fleet.AllFollow);
        await Note(problems, () => AllRegionsAreEqual(fleet));
        await Note(problems, () => ProxiesHaveTheNewest(fleet));
        await Note(problems, () => LinksAreHealthy(fleet));
        problems.AddRange(ProcessLogs.Problems(fleet.LogDirectory));
        return problems;
    }

    private static async Task Note(List<string> problems, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Exception exception) when (exception is TimeoutException or Xunit.Sdk.XunitException)
        {
            problems.Add(exception.Message + (exception.InnerException is { } inner ? $" ({inner.Message})" : ""));
        }
    }

    /// <summary>The specs and all endpoints of all services; revisions are each region's own.</summary>
    private static async Task AllRegionsAreEqual(RegionFleet fleet)
    {
        string[] states = [];
        try
        {
            await Eventually.Holds(
                "all regions hold the same",
                async () =>
                {
                    states = await Task.WhenAll(fleet.Regions.Select(State));
                    return states.Distinct().Count() == 1;
                },
                Deadline);
        }
        catch (TimeoutException)
        {
            Assert.Equal(states[0], states.First(state => state != states[0]));
            throw;
        }
    }

    private static async Task<string> State(RegionCluster region)
    {
        var api = region.Silos[0].Api;
        var export = JsonNode.Parse(await api.GetStringAsync("/v1/export"))!;
        var services = new JsonArray();
        foreach (var item in export["services"]!.AsArray().OrderBy(static item => $"{item!["namespace"]}/{item["name"]}", StringComparer.Ordinal))
        {
            var service = $"{item!["namespace"]}/{item["name"]}";
            var state = new JsonObject { ["service"] = service, ["spec"] = item["spec"]!.DeepClone() };
            if (!service.EndsWith("/namespace-settings", StringComparison.Ordinal))
            {
                var endpoints = JsonNode.Parse(await api.GetStringAsync(ChaosServices.Path(service) + "/endpoints"))!["items"]!.DeepClone().AsArray();
                foreach (var endpoint in endpoints)
                {
                    endpoint!.AsObject().Remove("revision");
                }

                state["endpoints"] = endpoints;
            }

            services.Add(state);
        }

        return services.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static Task ProxiesHaveTheNewest(RegionFleet fleet) => Task.WhenAll(fleet.Regions.Select(region => Eventually.Holds(
        $"the proxy of region {region.Name} has the newest snapshots",
        async () =>
        {
            var held = (await region.Proxy.Admin.Read("/snapshots")).GetProperty("services").EnumerateArray()
                .ToDictionary(static row => row.GetProperty("service").GetString()!, static row => row.GetProperty("revision").GetInt64());
            foreach (var service in ChaosServices.Called)
            {
                var revision = (await region.Silos[0].Api.Read(ChaosServices.Path(service))).GetProperty("revision").GetInt64();
                if (held.GetValueOrDefault(service) != revision)
                {
                    throw new InvalidDataException($"{service}: the proxy has {held.GetValueOrDefault(service)}, the silo {revision}");
                }
            }

            return true;
        },
        Deadline)));

    private static async Task LinksAreHealthy(RegionFleet fleet)
    {
        foreach (var region in fleet.Regions)
        {
            var links = await RegionFleet.Links(region);
            Assert.All(links, link => Assert.Equal(0, link.GetProperty("rejected").GetInt32()));
            foreach (var silo in region.Silos)
            {
                await Eventually.Holds(
                    $"{silo.Process.Name} measures {links.Count} links that follow",
                    async () =>
                    {
                        var metrics = await MetricsPage.Read(silo.Api);
                        return (int)metrics.Sum("mesh_region_connected") == links.Count && metrics.Sum("mesh_region_lag_entries") == 0;
                    });
            }
        }
    }

    private async Task<IReadOnlyList<string>> LostWrites()
    {
        var problems = new List<string>();
        var api = fleet.Regions[0].Silos[0].Api;
        foreach (var service in ChaosServices.Called.Concat(ChaosServices.Fleeting))
        {
            using var answer = await api.GetAsync(ChaosServices.Path(service));
            var isThere = answer.IsSuccessStatusCode;
            if (ChaosServices.Fleeting.Contains(service))
            {
                problems.AddRange(Refute([(ChaosServices.Exists(service), isThere ? "yes" : null)]));
            }

            if (!isThere)
            {
                continue;
            }

            using var spec = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            problems.AddRange(Refute(SpecReading.Registers(service, spec.RootElement)));
            if (ChaosServices.Called.Contains(service))
            {
                var endpoints = (await api.Read(ChaosServices.Path(service) + "/endpoints")).GetProperty("items");
                problems.AddRange(fleet.Regions.SelectMany(region => Refute(SpecReading.Endpoints(service, region.Name, endpoints))));
            }
        }

        return problems;
    }

    private IEnumerable<string> Refute(IEnumerable<(string Register, string? Value)> found) =>
        found.Select(one => ledger.Refute(one.Register, one.Value)).OfType<string>();

    /// <summary>Of two writes of a region the later one has the higher revision.</summary>
    private List<string> WritesOutOfOrder()
    {
        var problems = new List<string>();
        foreach (var writes in Acknowledged())
        {
            var sorted = writes.OrderBy(static write => write.Acknowledged).ToArray();
            problems.AddRange(writes.Select(write => (Write: write, Before: sorted.TakeWhile(write.IsAfter).MaxBy(static one => one.Revision)))
                .Where(static pair => pair.Before is { } before && before.Revision >= pair.Write.Revision)
                .Select(static pair => $"{pair.Write} came after {pair.Before}"));
        }

        return problems;
    }

    /// <summary>Every acknowledged change of a spec is in its region's history, as far back as that goes.</summary>
    private async Task<IReadOnlyList<string>> MissingRevisions()
    {
        var problems = new List<string>();
        foreach (var writes in Acknowledged())
        {
            var region = fleet.Regions.First(region => region.Name == writes.Key.Region);
            using var answer = await region.Silos[0].Api.GetAsync(ChaosServices.Path(writes.Key.Service) + "/revisions");
            if (!answer.IsSuccessStatusCode)
            {
                problems.Add($"{writes.Key}: the history cannot be read: {(int)answer.StatusCode}");
                continue;
            }

            using var list = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var kept = list.RootElement.GetProperty("items").EnumerateArray().Select(static one => one.GetProperty("revision").GetInt64()).ToArray();
            if (!kept.SequenceEqual(kept.OrderDescending()))
            {
                problems.Add($"{writes.Key}: the history is not in order: {string.Join(' ', kept)}");
            }

            problems.AddRange(writes
                .Where(write => write.ChangesSpec && write.Revision >= kept.Min() && write.Acknowledged > region.ForgotAt && !kept.Contains(write.Revision.Value))
                .Select(static write => $"{write} is not in the history"));
        }

        return problems;
    }

    private IEnumerable<IGrouping<(string Region, string Service), LedgerWrite>> Acknowledged() => ledger.Writes
        .Where(static write => write is { Acknowledged: not null, Revision: not null })
        .GroupBy(static write => (write.Region, write.Service));
}
