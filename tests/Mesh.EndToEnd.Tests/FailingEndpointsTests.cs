using System.Diagnostics;
using Mesh.EndToEnd.Tests.Faults;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>
/// A run under load in which endpoints die, hang, answer 503, slow down, reset connections and come back, while routes and
/// weights change. <c>MESH_E2E_SECONDS</c> makes it longer, <c>MESH_E2E_SEED</c> repeats one.
/// </summary>
[TestClass(DisableParallelization = true)]
public sealed class FailingEndpointsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly CallKind[] Idempotent =
    [
        new("GET", 1),
        new("GET", 2),
        new("DELETE", 1),
        new("PUT", 1, 4_000),
        new("PUT", 2, 4_000),
        new("PUT", 1, 20_000, IsPiecewise: true),
        new("PUT", 2, 20_000, IsPiecewise: true),
    ];

    private static readonly CallKind[] Posts = [new("POST", 1, 2_000), new("POST", 2, 2_000)];

    private FaultyMesh _mesh = null!;

    public async ValueTask InitializeAsync() => _mesh = await FaultyMesh.Start();

    public ValueTask DisposeAsync() => _mesh.DisposeAsync();

    [Fact]
    public async Task A_retrying_rule_loses_no_idempotent_request()
    {
        var seed = RunSettings.Seed;
        output.WriteLine($"MESH_E2E_SEED={seed}");
        await CheckedCalls.WarmUp(_mesh.Caller, "web.shop", Idempotent);
        await using var retrying = CheckedCalls.Start(_mesh.Caller, "web.shop", [.. Idempotent, .. Posts]);
        await using var plain = CheckedCalls.Start(_mesh.Caller, "plain.shop", [new("GET", 1), new("GET", 2)]);
        var script = new FaultScript(_mesh.Caller, "web.shop", [FaultyMesh.Web, FaultyMesh.Turns], retrying.Settled, seed);
        await using var changes = RouteChanges.Start(_mesh, seed);

        try
        {
            await script.Run(_mesh.Endpoints, RunSettings.Length);
            await changes.Stop();
            await AllReturn();
            await AllAreUsed();
            await retrying.Stop();
            await plain.Stop();
        }
        finally
        {
            Describe(script, retrying, plain, changes);
        }

        Assert.Empty(retrying.Failures.Where(static failure => failure.Kind.IsIdempotent).Select(static failure => failure.Description));
        Assert.All(Idempotent, kind => Assert.True(retrying.Answered[kind] > 100, $"only {retrying.Answered[kind]} answers to {kind}"));
        Assert.DoesNotContain(_mesh.Endpoints.SelectMany(static endpoint => endpoint.Application.Done), static post => post.Value > 1);

        // That the faults were real:
        Assert.NotEmpty(plain.Failures);
        Assert.All(_mesh.Endpoints, endpoint => Assert.Contains(script.Played.Keys, played => played.Endpoint == endpoint));
        Assert.All(Enum.GetValues<Fault>().Where(static fault => fault != Fault.None), fault => Assert.Contains(script.Played.Keys, played => played.Fault == fault));
        Assert.True(changes.Count > 20, $"only {changes.Count} changes of routes");
        await AssertMetrics();
    }

    private async Task AllReturn()
    {
        var clock = Stopwatch.StartNew();
        await Eventually.Holds(
            "all endpoints are in rotation",
            async () => (await EndpointReading.ReadAll(_mesh.Caller)).All(static reading => reading.IsInRotation),
            TimeSpan.FromSeconds(20));
        output.WriteLine($"all in rotation after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Everyone takes a share of each service's load again; where endpoints take turns, the same share.</summary>
    private async Task AllAreUsed()
    {
        var clock = Stopwatch.StartNew();
        var before = await Requests();
        await Eventually.Holds(
            "all endpoints get requests",
            async () =>
            {
                var more = (await Requests()).Select(now => (now.Key.Service, Count: now.Value - before[now.Key])).ToArray();
                var inTurns = more.Where(static row => row.Service != FaultyMesh.Web).GroupBy(static row => row.Service, static row => row.Count);
                return more.All(static row => row.Count > 20) && inTurns.All(static counts => counts.Max() < 2 * counts.Min());
            },
            TimeSpan.FromSeconds(90));
        output.WriteLine($"all in use after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private async Task<Dictionary<(string Service, int Port), long>> Requests() =>
        (await EndpointReading.ReadAll(_mesh.Caller)).ToDictionary(static reading => (reading.Service, reading.Port), static reading => reading.Requests);

    private async Task AssertMetrics()
    {
        var metrics = await MetricsPage.Read(_mesh.Caller.Admin);
        foreach (var reason in (string[])["connect", "status", "reset", "timeout"])
        {
            Assert.True(metrics.Sum("mesh_retries_total", "service=\"shop/web\"", $"reason=\"{reason}\"") > 0, $"no retry for the reason {reason}");
        }

        Assert.Equal(0, metrics.Sum("mesh_retries_total", "service=\"shop/plain\"", "reason=\"status\""));
        foreach (var endpoint in _mesh.Endpoints)
        {
            Assert.True(
                metrics.Sum("mesh_endpoint_ejections_total", "service=\"shop/turns\"", $"endpoint=\"{endpoint.Name}\"") > 0,
                $"{endpoint.Name} was never ejected");
        }

        Assert.Equal(0, metrics.Sum("mesh_endpoint_ejected"));
    }

    private void Describe(FaultScript script, CheckedCalls retrying, CheckedCalls plain, RouteChanges changes)
    {
        output.WriteLine(script.Log);
        output.WriteLine($"{retrying.Answered.Values.Sum()} answers and {retrying.Failures.Count} failures with retries, "
            + $"{plain.Answered.Values.Sum()} and {plain.Failures.Count} without, {changes.Count} changes");
        foreach (var (_, description) in retrying.Failures.Where(static failure => failure.Kind.IsIdempotent))
        {
            output.WriteLine(description);
        }
    }
}
