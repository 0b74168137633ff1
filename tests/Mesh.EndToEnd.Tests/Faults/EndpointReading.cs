using System.Text.Json;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests.Faults;

/// <summary>What a proxy's admin page <c>/endpoints</c> says of one endpoint of one service.</summary>
internal sealed record EndpointReading(
    string Service, int Port, long Requests, long Failures, long Ejections, bool IsInRotation)
{
    public static async Task<List<EndpointReading>> ReadAll(ProxyProcess proxy)
    {
        using var page = JsonDocument.Parse(await proxy.Admin.GetStringAsync("/endpoints"));
        return
        [
            .. page.RootElement.GetProperty("services").EnumerateArray().SelectMany(static service =>
                service.GetProperty("endpoints").EnumerateArray().Select(endpoint => Read(service.GetProperty("service").GetString()!, endpoint))),
        ];
    }

    private static EndpointReading Read(string service, JsonElement endpoint) => new(
        service,
        new Uri($"http://{endpoint.GetProperty("address").GetString()}").Port,
        endpoint.GetProperty("requests").GetInt64(),
        endpoint.GetProperty("failures").GetInt64(),
        endpoint.TryGetProperty("ejections", out var ejections) ? ejections.GetInt64() : 0,
        !endpoint.TryGetProperty("ejection", out var phase) || phase.GetString() == "InRotation");
}
