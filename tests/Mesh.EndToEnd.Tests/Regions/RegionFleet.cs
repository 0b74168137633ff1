using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>Regions that are all peers of each other, with the services that are called and written to.</summary>
internal sealed class RegionFleet : IAsyncDisposable
{
    /// <summary>For regions to have taken up all of each other's changes, once everything is mended, on a busy machine.</summary>
    private static readonly TimeSpan ConvergenceDeadline = TimeSpan.FromSeconds(60);

    private readonly List<RegionCluster> _regions = [];
    private readonly TemporaryDirectory _logs = new();

    public IReadOnlyList<RegionCluster> Regions => _regions;

    public string LogDirectory => _logs.Path;

    /// <param name="settings">Makes the settings from the directory for logs.</param>
    public static async Task<RegionFleet> Start(Func<string, IEnumerable<RegionSettings>> settings)
    {
        var fleet = new RegionFleet();
        try
        {
            foreach (var region in settings(fleet.LogDirectory))
            {
                fleet._regions.Add(await RegionCluster.Start(region));
            }

            await Task.WhenAll(fleet._regions.Select(region => region.StartSilos(fleet._regions)));
            await fleet.AddServices();
            await Task.WhenAll(fleet._regions.Select(static region => region.StartProxy(ChaosServices.Called)));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every link between the regions has taken up everything.</summary>
    public Task AllFollow() => Task.WhenAll(_regions.Select(region => Eventually.Holds(
        $"region {region.Name} follows its peers",
        async () => (await Links(region)).All(static link =>
            link.GetProperty("state").GetString() == "Following" && link.GetProperty("lagEntries").GetInt64() == 0),
        ConvergenceDeadline)));

    /// <summary>What a region says of its links.</summary>
    public static async Task<IReadOnlyList<JsonElement>> Links(RegionCluster region) =>
        [.. (await region.Silos[0].Api.Read("/v1/regions")).GetProperty("items").EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_regions.Select(static region => region.DisposeAsync().AsTask()));
        _logs.Dispose();
    }

    private async Task AddServices()
    {
        foreach (var service in ChaosServices.Called)
        {
            await _regions[0].Silos[0].Api.Write(ChaosServices.Path(service), ChaosServices.SpecJson(service, new Dictionary<string, string>(), ChaosServices.FirstTraffic));
        }

        foreach (var region in _regions)
        {
            var api = region.Silos[0].Api;
            foreach (var service in ChaosServices.Called)
            {
                var path = ChaosServices.Path(service);
                await Eventually.Holds($"{service} is known in region {region.Name}", async () => (await api.Read(path)).GetProperty("revision").GetInt64() > 0, ConvergenceDeadline);
                await api.Write($"{path}/endpoints/{ChaosServices.LivingEndpoint}", ChaosServices.EndpointJson(region.Application.Port, "lives"));
            }
        }
    }
}
