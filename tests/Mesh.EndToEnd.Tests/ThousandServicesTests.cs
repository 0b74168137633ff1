using System.Text;
using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>A mesh of a size: what one proxy pays does not depend on how many services there are, and nothing is left out.</summary>
[TestClass(DisableParallelization = true)]
public sealed class ThousandServicesTests
{
    private const int Count = 1000;

    [Fact]
    public async Task A_thousand_services_are_applied_listed_and_called()
    {
        await using var application = await TestApplication.Start("app");
        using var redis = await RedisServer.Start();
        await using var silo = await SiloProcess.Ready(new SiloSettings { Redis = redis.ConnectionString });
        var documents = Enumerable.Range(0, Count).Select(i => new
        {
            @namespace = "default",
            name = $"service-{i}",
            spec = new { hosts = new[] { $"service-{i}.example" } },
            endpoints = new Dictionary<string, object> { ["one"] = new { host = "127.0.0.1", port = application.Port } },
        });
        using var body = new StringContent(JsonSerializer.Serialize(new { services = documents }), Encoding.UTF8, "application/json");
        using var applied = await silo.Api.PostAsync("/v1/apply", body);
        Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync());

        var listed = await silo.Api.Read("/v1/services");
        Assert.Equal(Count, listed.GetProperty("items").GetArrayLength());

        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url });
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            Assert.Equal("app", await proxy.Body(i % 2 == 0 ? $"service-{i}" : $"service-{i}.example")));

        await silo.Api.RouteAllTo("default/service-7", "service-8");
        await silo.Api.RouteAllTo("default/service-7", "nobody");
        await Eventually.Holds("the change reaches the proxy", async () =>
        {
            using var answer = await proxy.Call("service-7");
            return answer.Headers.TryGetValues("mesh-error", out var codes) && codes.Single() == "no-backend";
        });
        Assert.Equal("app", await proxy.Body("service-999"));
    }
}
