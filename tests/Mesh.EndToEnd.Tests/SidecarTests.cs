using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>An application's sidecar: registration, health, drain on SIGTERM or when asked for, a sudden end.</summary>
public sealed class SidecarTests : IAsyncLifetime
{
    private const string AdminToken = "0123456789abcdef0123456789abcdef";

    private readonly TemporaryDirectory _files = new();
    private SiloProcess _silo = null!;
    private ProxyProcess _caller = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "admin"), AdminToken);
        _silo = await SiloProcess.Ready();
        _caller = await ProxyProcess.Ready(new ProxySettings { Name = "caller", ControlPlane = _silo.Url });
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _silo.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_healthy_application_is_registered_and_an_ill_one_gets_no_calls()
    {
        await using var application = await TestApplication.Start("app");
        await using var sidecar = await ProxyProcess.Ready(Sidecar(application));
        await _caller.Reaches("web.shop", "app");

        application.IsHealthy = false;
        await Eventually.Holds("no endpoint is ready", async () =>
        {
            using var answer = await _caller.Call("web.shop");
            return answer.Headers.TryGetValues("mesh-error", out var codes) && codes.Single() == "no-endpoints";
        });

        application.IsHealthy = true;
        await _caller.Reaches("web.shop", "app");
    }

    [Fact]
    public async Task An_application_that_is_not_up_yet_is_not_registered()
    {
        await using var application = await TestApplication.Start("app");
        application.IsHealthy = false;
        await using var sidecar = await ProxyProcess.Ready(Sidecar(application));

        using var answer = await _caller.Call("web.shop");
        Assert.Equal("unknown-service", answer.Headers.GetValues("mesh-error").Single());

        application.IsHealthy = true;
        await _caller.Reaches("web.shop", "app");
    }

    [Theory]
    [InlineData("SIGTERM")]
    [InlineData("POST /drain")]
    public async Task Leaving_drains_and_fails_no_call(string how)
    {
        await using var leaving = await TestApplication.Start("leaving");
        await using var staying = await TestApplication.Start("staying");
        await using var first = ProxyProcess.Launch(Sidecar(leaving));
        await using var second = ProxyProcess.Launch(Sidecar(staying));
        await Task.WhenAll(first.WaitReady(), second.WaitReady());
        await Eventually.Holds("both are registered", async () => (await Endpoints()).Count == 2);

        // In turns: by latency, an endpoint whose first answer was slow could stay unused for most of a minute.
        await _silo.Api.Write("/v1/services/shop/web/traffic", """{ "loadBalancer": { "type": "roundRobin" } }""");
        await _caller.Reaches("web.shop", "leaving");
        await _caller.Reaches("web.shop", "staying");
        await using var calls = SteadyCalls.Through(_caller, "web.shop");
        var slow = await SlowCallTo(leaving, staying);

        await Leave(first, how);
        await Eventually.Holds("new calls go to the other one", async () => await TakesNoMore("leaving"));
        Assert.False(slow.IsCompleted);
        leaving.Gate.SetResult();

        using var answer = await slow;
        Assert.Equal("leaving", await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, await first.Process.Exited.WaitAsync(TimeSpan.FromSeconds(20)));
        await Eventually.Holds("its endpoint is gone", async () => (await Endpoints()).Count == 1);
        Assert.Empty(calls.Failures);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_the_endpoint()
    {
        await using var application = await TestApplication.Start("app");
        await using var first = ProxyProcess.Launch(Sidecar(application));
        await using var second = ProxyProcess.Launch(Sidecar(application));
        await Task.WhenAll(first.WaitReady(), second.WaitReady());
        await Eventually.Holds("both are registered", async () => (await Endpoints()).Count == 2);

        await first.Kill();

        await Eventually.Holds("the killed one's endpoint is gone", async () => (await Endpoints()).Count == 1, TimeSpan.FromSeconds(25));
    }

    private ProxySettings Sidecar(TestApplication application) => new()
    {
        Name = "sidecar",
        ControlPlane = _silo.Url,
        Service = "shop/web",
        AppPort = application.Port,
        HealthCheckType = "Http",
        HealthCheckPath = "/healthz",
        More = new Dictionary<string, string>
        {
            ["Mesh:App:HealthCheck:Interval"] = "00:00:00.2",
            ["Mesh:Drain:Delay"] = "00:00:01",
            ["Mesh:Admin:TokenFile"] = Path.Combine(_files.Path, "admin"),
        },
    };

    private static async Task Leave(ProxyProcess sidecar, string how)
    {
        if (how == "SIGTERM")
        {
            sidecar.Process.Terminate();
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/drain") { Headers = { Authorization = new("Bearer", AdminToken) } };
        using var answer = await sidecar.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("Draining", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
    }

    /// <summary>
    /// Starts calls that both applications hold back until one has arrived at the wanted one, and gives that one;
    /// the other application is let go on.
    /// </summary>
    private async Task<Task<HttpResponseMessage>> SlowCallTo(TestApplication wanted, TestApplication other)
    {
        while (true)
        {
            var arrivedElsewhere = other.SlowRequests;
            var call = _caller.Call("web.shop", "/slow");
            await Eventually.Holds("the slow call arrives", () => wanted.SlowRequests > 0 || other.SlowRequests > arrivedElsewhere);
            if (wanted.SlowRequests > 0)
            {
                other.Gate.TrySetResult();
                return call;
            }
        }
    }

    private async Task<List<string>> Endpoints()
    {
        using var answer = await _silo.Api.GetAsync("/v1/services/shop/web/endpoints");
        if (!answer.IsSuccessStatusCode)
        {
            return [];
        }

        var list = await _silo.Api.Read("/v1/services/shop/web/endpoints");
        return [.. list.GetProperty("items").EnumerateArray().Select(endpoint => endpoint.GetProperty("id").GetString()!)];
    }

    private async Task<bool> TakesNoMore(string name)
    {
        for (var i = 0; i < 50; i++)
        {
            if (await _caller.Body("web.shop") == name)
            {
                return false;
            }
        }

        return true;
    }
}
