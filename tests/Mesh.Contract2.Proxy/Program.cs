using Mesh.Abstractions.Endpoints;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Proxies;
using Mesh.Abstractions.RateLimits;
using Mesh.Abstractions.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Serialization;

namespace Mesh.Abstractions;

/// <summary>
/// Does with a control plane all that a proxy of this contract does, says each step on a line of its own, and goes on
/// renewing until it is ended. Arguments: the management API's URL, and a service.
/// </summary>
internal static class Program
{
    public const string Id = "contract-2";

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    public static async Task Main(string[] args)
    {
        var service = ServiceName.Parse(args[1]);
        var list = await Gateways.Read(new Uri(args[0]));
        using var host = Build(list);
        await host.StartAsync();
        var client = host.Services.GetRequiredService<IClusterClient>();
        var gateway = client.GetGrain<IProxyGatewayGrain>(Id);
        Console.WriteLine($"resolved {(await gateway.Resolve(service.Namespace, service.Name)).Service}");

        var endpoint = new EndpointSpec { Host = "127.0.0.1", Port = 1, Labels = new Dictionary<string, string> { ["contract"] = "2" } };
        await gateway.Register(service, Id, endpoint);
        Console.WriteLine("registered");
        var share = await gateway.LeaseRate(service, new RateDemand { Wanted = 0.5 });
        Console.WriteLine($"leased {share is { Part: > 0 }}");

        var observer = new Observer();
        var reference = client.CreateObjectReference<IProxyObserver>(observer);
        for (var sequence = 1L; ; sequence++)
        {
            var request = new RenewRequest
            {
                Proxy = new ProxyInfo { Id = Id, Namespace = service.Namespace, Service = service, Version = "contract 2" },
                Held = [new HeldSnapshot(service, SnapshotVersion.None, sequence == 1 ? null : new RejectedSnapshot(1, "a reason"))],
                IsComplete = true,
                Sequence = sequence,
            };
            var reply = await gateway.Renew(request, reference);
            foreach (var snapshot in reply.Changed)
            {
                Observer.Tell("renewed", snapshot);
            }

            await Task.Delay(Renewal, TimeProvider.System);
            GC.KeepAlive(observer);
        }
    }

    private static IHost Build(GatewayList list)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.Services.AddSerializer(static serializer => serializer.AddMeshJson());
            client.Services.AddSingleton<IGatewayListProvider>(new Gateways(list));
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (list.ClusterId, list.ServiceId));
        });
        return builder.Build();
    }
}
