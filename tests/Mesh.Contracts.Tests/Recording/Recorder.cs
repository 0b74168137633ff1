using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Contracts.Tests.Description;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Contracts.Tests.Recording;

/// <summary>
/// Writes what the programs of today store and send into the folder of the newest contract. Run by hand; see
/// CONTRIBUTING.md, "How to change a wire or stored type".
/// </summary>
public class Recorder
{
    private const string Service = "/v1/services/shop/web";

    private static readonly JsonSerializerOptions Readable = new(MeshJson.Indented) { MaxDepth = 64 };

    [Fact(Explicit = true)]
    public async Task Record()
    {
        using var redis = await RedisServer.Start();
        await using var us = await SiloProcess.Ready(Region("us", "eu", redis));
        await using var eu = await SiloProcess.Ready(Region("eu", "us", redis));
        await Write(us, HttpMethod.Put, "/v1/services/shop/remote", """{ "hosts": ["remote.example"] }""");
        await Write(us, HttpMethod.Put, "/v1/services/shop/remote/endpoints/remote-1", """{ "host": "10.1.0.1", "port": 80 }""");
        await WriteEverything(eu);
        using var data = new TemporaryDirectory();
        await RecordProxy(eu, data.Path);
        await Linked(eu);

        await Save("redis.json", await RedisDump.Take(redis.ConnectionString, "mesh:*eu*"));
        await File.WriteAllTextAsync(PathOf("export.json"), await eu.Api.GetStringAsync("/v1/export"));
        await File.WriteAllTextAsync(PathOf("gateways.json"), await eu.Api.GetStringAsync("/v1/gateways"));
    }

    [Fact(Explicit = true)]
    public async Task Describe()
    {
        using var serializer = new WireSerializer();
        await File.WriteAllLinesAsync(PathOf("contract.txt"), Contract.Current.Select(static line => line.ToString()));
        await Save("wire.json", WireSamples.All.ToDictionary(static pair => pair.Key, pair => serializer.Encode(pair.Value)));
    }

    private static SiloSettings Region(string name, string peer, RedisServer redis) => new()
    {
        Name = name,
        Region = name,
        Redis = redis.ConnectionString,
        More = new Dictionary<string, string> { [$"Mesh:Peers:{peer}:Redis"] = redis.ConnectionString },
    };

    /// <summary>Services with every setting there is, edited, rolled back, drained and deleted.</summary>
    private static async Task WriteEverything(SiloProcess silo)
    {
        await Write(silo, HttpMethod.Post, "/v1/apply", ContractFolder.Read(ContractFolder.Newest, "apply.json"));
        await Write(silo, HttpMethod.Put, $"{Service}/routes/extra", """{ "name": "extra", "backendRefs": [{ "name": "web" }] }""");
        await Write(silo, HttpMethod.Post, $"{Service}/endpoints/web-2/drain", "");
        await Write(silo, HttpMethod.Post, $"{Service}/rollback", """{ "revision": 1 }""");
        await Write(silo, HttpMethod.Delete, $"{Service}/endpoints/web-3", "");
        await Write(silo, HttpMethod.Put, "/v1/services/shop/gone", "{}");
        await Write(silo, HttpMethod.Delete, "/v1/services/shop/gone", "");
    }

    private static async Task RecordProxy(SiloProcess silo, string data)
    {
        using var application = new TcpListener(IPAddress.Loopback, FreePort.Next());
        application.Start();
        await using var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = silo.Url,
            DataDirectory = data,
            WarmUp = ["shop/web", "shop/fixed"],
            Service = "shop/cart",
            AppPort = ((IPEndPoint)application.LocalEndpoint).Port,
            HealthCheckType = "Tcp",
            More = new Dictionary<string, string> { ["Mesh:ProxyId"] = "recorded", ["Mesh:Namespace"] = "shop" },
        });
        await Eventually.Holds("the sidecar is registered", async () =>
            (await silo.Api.GetStringAsync("/v1/services/shop/cart/endpoints")).Contains("Sidecar", StringComparison.Ordinal));
        var folder = Directory.CreateDirectory(PathOf("snapshots")).FullName;
        await Eventually.Holds("both snapshots are on disk", () => Directory.GetFiles(Path.Combine(data, "snapshots"), "*.snapshot").Length >= 2);
        foreach (var file in Directory.GetFiles(Path.Combine(data, "snapshots"), "*.snapshot"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        // Killed, it does not take its endpoint along.
        await proxy.Kill();
    }

    /// <summary>Waits for what the other region wrote, with a program that follows other regions.</summary>
    private static async Task Linked(SiloProcess silo)
    {
        using var regions = await silo.Api.GetAsync("/v1/regions");
        if (regions.IsSuccessStatusCode)
        {
            await Eventually.Holds("the other region's service is here", async () =>
            {
                using var answer = await silo.Api.GetAsync("/v1/services/shop/remote");
                return answer.IsSuccessStatusCode;
            });
        }
    }

    private static async Task Write(SiloProcess silo, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await silo.Api.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static Task Save<T>(string name, T value) => File.WriteAllTextAsync(PathOf(name), JsonSerializer.Serialize(value, Readable) + "\n");

    private static string PathOf(string name) => ContractFolder.PathOf(ContractFolder.Newest, name);
}
