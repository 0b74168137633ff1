using System.Net;
using System.Net.Http.Json;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Proxies;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Mesh.Abstractions;

/// <summary>The gateways that were there at the start.</summary>
internal sealed class Gateways(GatewayList list) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => TimeSpan.FromMinutes(1);

    public bool IsUpdatable => false;

    public static async Task<GatewayList> Read(Uri controlPlane)
    {
        using var http = new HttpClient { BaseAddress = controlPlane, Timeout = TimeSpan.FromSeconds(10) };
        return await http.GetFromJsonAsync<GatewayList>("/v1/gateways", MeshJson.Options)
            ?? throw new InvalidDataException("/v1/gateways answered null");
    }

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>(
        [.. list.Gateways.Select(static gateway => SiloAddress.New(IPEndPoint.Parse(gateway.Address), gateway.Generation).ToGatewayUri())]);
}
