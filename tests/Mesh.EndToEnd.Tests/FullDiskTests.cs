using System.Net;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>A proxy and a silo with an embedded store whose disks are full: small file systems in memory.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task A_proxy_forwards_on_says_so_once_and_keeps_what_it_can_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(megabytes: 1);
        await using var silo = await SiloProcess.Ready();
        await silo.Api.AddService("default/web", _one.Port);
        await silo.Api.AddService("default/web-v2", _two.Port);
        disk.Fill();
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url, DataDirectory = disk.Path });
        await proxy.Reaches("web", "one");
        await using var calls = SteadyCalls.Through(proxy, "web");

        for (var i = 0; i < 10; i++)
        {
            await silo.Api.RouteAllTo("default/web", "web-v2");
            await proxy.Reaches("web", "two");
            await silo.Api.RouteAllTo("default/web", "web");
            await proxy.Reaches("web", "one");
        }

        Assert.Single(proxy.Process.Output(), static line => line.Contains("Snapshots cannot be written", StringComparison.Ordinal));
        disk.Free();
        await silo.Api.RouteAllTo("default/web", "web-v2");
        await proxy.Reaches("web", "two");
        Assert.Empty(calls.Failures);
        await Eventually.Holds("the newest snapshot is on disk", () =>
            Directory.GetFiles(disk.Path, "default_web.snapshot", SearchOption.AllDirectories) is [var file] && File.ReadAllText(file).Contains("web-v2", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(disk.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_embedded_store_refuses_writes_until_its_silo_is_restarted_with_room_and_loses_none_that_it_acknowledged()
    {
        using var disk = SmallDisk.Mount(megabytes: 64);
        await using var silo = await SiloProcess.Ready(new SiloSettings { DataDirectory = disk.Path });
        await silo.Api.AddService("default/web", _one.Port);
        await silo.Api.Write("/v1/services/default/web/traffic", Traffic(0));
        await using var proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = silo.Url });
        await proxy.Reaches("web", "one");
        await using var calls = SteadyCalls.Through(proxy, "web");
        disk.Fill();

        // The file that is written to may have a little room of its own.
        var acknowledged = 0;
        await Eventually.Holds(
            "a write is refused",
            async () =>
            {
                using var answer = await silo.Api.Put("/v1/services/default/web/traffic", Traffic(acknowledged + 1));
                acknowledged += answer.IsSuccessStatusCode ? 1 : 0;
                return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
            },
            TimeSpan.FromSeconds(60));
        await Eventually.Holds("the silo is not ready", async () => !await silo.IsReady());
        disk.Free();
        await silo.Kill();
        await silo.Start();
        await silo.WaitReady();

        // What was refused may have been stored all the same.
        var stored = (await silo.Api.Read("/v1/services/default/web/traffic")).GetProperty("retryBudget").GetProperty("minPerSecond").GetInt32();
        Assert.InRange(stored, acknowledged, acknowledged + 1);
        await silo.Api.Write("/v1/services/default/web/traffic", Traffic(acknowledged + 2));
        Assert.Empty(calls.Failures);
    }

    private static string Traffic(int number) => $$"""{ "retryBudget": { "minPerSecond": {{number}} } }""";
}
