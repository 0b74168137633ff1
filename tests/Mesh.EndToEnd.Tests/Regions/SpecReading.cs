using System.Text.Json;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>Reads the registers' values, as <see cref="ChaosServices"/> writes them, from the API's JSON.</summary>
internal static class SpecReading
{
    /// <summary>Each rule and the traffic policy; null where they are not there.</summary>
    public static IEnumerable<(string Register, string? Value)> Registers(string service, JsonElement spec)
    {
        var rules = spec.GetProperty("routes").EnumerateArray().ToDictionary(static rule => rule.GetProperty("name").GetString()!);
        foreach (var name in ChaosServices.Rules)
        {
            yield return (ChaosServices.Rule(service, name), rules.TryGetValue(name, out var rule)
                ? rule.GetProperty("matches")[0].GetProperty("headers")[0].GetProperty("value").GetString()
                : null);
        }

        yield return (ChaosServices.Traffic(service), spec.GetProperty("traffic").TryGetProperty("retryBudget", out var budget)
            ? budget.GetProperty("minPerSecond").ToString()
            : null);
    }

    /// <summary>The label and the state of each endpoint that is written.</summary>
    /// <param name="endpoints">The endpoints of all regions.</param>
    public static IEnumerable<(string Register, string? Value)> Endpoints(string service, string region, JsonElement endpoints)
    {
        var own = endpoints.EnumerateArray()
            .Where(endpoint => endpoint.GetProperty("region").GetString() == region)
            .ToDictionary(static endpoint => endpoint.GetProperty("id").GetString()!);
        foreach (var id in ChaosServices.Endpoints)
        {
            var isThere = own.TryGetValue(id, out var endpoint);
            yield return (ChaosServices.EndpointLabel(service, region, id), isThere ? endpoint.GetProperty("labels").GetProperty("value").GetString() : null);
            yield return (ChaosServices.EndpointState(service, region, id), isThere ? endpoint.GetProperty("state").GetString() : null);
        }
    }
}
