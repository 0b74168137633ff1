using System.Net;
using System.Text;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>A proxy that comes back with files that are older than what the control plane has, or damaged.</summary>
public sealed class StaleSnapshotTests : IAsyncLifetime
{
    private static readonly string[] Damaged = ["torn", "empty", "altered", "newer"];

    private readonly TemporaryDirectory _data = new();
    private SiloProcess _silo = null!;
    private ProxyProcess _proxy = null!;
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
        _silo = await SiloProcess.Ready();
        await _silo.Api.AddService("default/web", _one.Port);
        foreach (var service in Damaged)
        {
            await _silo.Api.AddService($"default/{service}", _two.Port);
        }

        _proxy = await ProxyProcess.Ready(new ProxySettings { ControlPlane = _silo.Url, DataDirectory = _data.Path });
        await _proxy.Reaches("web", "one");
        foreach (var service in Damaged)
        {
            await _proxy.Reaches(service, "two");
        }

        await Eventually.Holds("all snapshots are on disk", () => Damaged.Append("web").All(service => File.Exists(FileOf(service))));
        await _proxy.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _silo.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task With_the_control_plane_what_changed_meanwhile_holds_from_the_first_calls_on()
    {
        await MoveWeb();

        await Restart();

        await _proxy.Reaches("web", "two");
        Assert.Equal("two", await _proxy.Body("web"));
    }

    [Fact]
    public async Task Without_the_control_plane_the_old_endpoints_are_used_until_it_is_back()
    {
        await MoveWeb();
        await _silo.Kill();

        await Restart();

        Assert.Equal("one", await _proxy.Body("web"));
        await _silo.Start();
        await _silo.WaitReady();
        await _proxy.Reaches("web", "two");
    }

    [Fact]
    public async Task Without_the_control_plane_an_endpoint_that_is_gone_is_said_to_refuse()
    {
        await MoveWeb();
        await _silo.Kill();
        await _one.DisposeAsync();

        await Restart();

        using var answer = await _proxy.Call("web");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("connect-failed", answer.Headers.GetValues("mesh-error").Single());
    }

    [Fact]
    public async Task A_damaged_file_costs_only_its_own_service_and_only_without_the_control_plane()
    {
        Damage("torn", static bytes => bytes[..(bytes.Length / 2)]);
        Damage("empty", static _ => []);
        Damage("altered", static bytes => [.. bytes[..^5], (byte)(bytes[^5] ^ 1), .. bytes[^4..]]);
        Damage("newer", static bytes =>
        {
            // The version is the second word.
            var words = Encoding.UTF8.GetString(bytes).Split(' ', 3);
            return Encoding.UTF8.GetBytes($"{words[0]} 999 {words[2]}");
        });
        await _silo.Kill();

        await Restart();

        Assert.Equal("one", await _proxy.Body("web"));
        foreach (var service in Damaged)
        {
            using var answer = await _proxy.Call(service);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains(_proxy.Process.Output(), line => line.Contains("Skipped the snapshot", StringComparison.Ordinal) && line.Contains($"_{service}.snapshot", StringComparison.Ordinal));
        }

        await _silo.Start();
        await _silo.WaitReady();
        foreach (var service in Damaged)
        {
            await _proxy.Reaches(service, "two");
        }
    }

    private async Task MoveWeb()
    {
        await _silo.Api.Write("/v1/services/default/web/endpoints/two", $$"""{ "host": "127.0.0.1", "port": {{_two.Port}} }""");
        using var answer = await _silo.Api.DeleteAsync("/v1/services/default/web/endpoints/one");
        Assert.True(answer.IsSuccessStatusCode);
    }

    private async Task Restart()
    {
        await _proxy.Start();
        await _proxy.WaitReady();
    }

    private string FileOf(string service) => Path.Combine(_data.Path, "snapshots", $"default_{service}.snapshot");

    private void Damage(string service, Func<byte[], byte[]> damage)
    {
        var file = FileOf(service);
        File.WriteAllBytes(file, damage(File.ReadAllBytes(file)));
    }
}
