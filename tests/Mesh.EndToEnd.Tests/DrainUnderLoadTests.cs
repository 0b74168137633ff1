using System.Diagnostics;
using Mesh.EndToEnd.Tests.Faults;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Endpoints leave by SIGTERM of their sidecars under load, one after the other, and come back. Nothing is retried.</summary>
[TestClass(DisableParallelization = true)]
public sealed class DrainUnderLoadTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Service = "shop/web";
    private const string Authority = "web.shop";

    private static readonly CallKind[] Calls =
    [
        new("GET", 1),
        new("GET", 2),
        new("PUT", 2, 4_000),
        new("POST", 1, 4_000),
        new("POST", 2, 4_000),
        new("POST", 1, 20_000, IsPiecewise: true),
        new("POST", 2, 20_000, IsPiecewise: true),
    ];

    private readonly List<SidecarEndpoint> _sidecars = [];
    private SiloProcess _silo = null!;
    private ProxyProcess _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.Ready();
        await _silo.Api.Write($"/v1/services/{Service}", """{ "traffic": { "loadBalancer": { "type": "roundRobin" } } }""");
        var caller = ProxyProcess.Ready(new ProxySettings { Name = "caller", ControlPlane = _silo.Url, WarmUp = [Service] });
        _sidecars.AddRange(await Task.WhenAll(((string[])["first", "second", "third"]).Select(name => SidecarEndpoint.Start(name, _silo.Url, Service))));
        _caller = await caller;
    }

    public async ValueTask DisposeAsync()
    {
        if (_caller is not null)
        {
            await _caller.DisposeAsync();
        }

        foreach (var sidecar in _sidecars)
        {
            await sidecar.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_fails_not_even_a_POST()
    {
        await AllTakeRequests();
        await CheckedCalls.WarmUp(_caller, Authority, Calls);
        await using var calls = CheckedCalls.Start(_caller, Authority, Calls, callersOfEach: 1);
        var clock = Stopwatch.StartNew();
        var rounds = 0;

        // Every one of them leaves at least once.
        for (; rounds < _sidecars.Count || clock.Elapsed < RunSettings.Length; rounds++)
        {
            await _sidecars[rounds % _sidecars.Count].LeaveAndReturn();
            await AllTakeRequests();
        }

        await calls.Stop();
        output.WriteLine($"{calls.Answered.Values.Sum()} answers, {rounds} times a sidecar left");
        Assert.Empty(calls.Failures.Select(static failure => failure.Description));
        Assert.All(Calls, kind => Assert.True(calls.Answered[kind] > 100, $"only {calls.Answered[kind]} answers to {kind}"));
        Assert.All(_sidecars.SelectMany(static sidecar => sidecar.Application.Done), static post => Assert.Equal(1, post.Value));
    }

    private Task AllTakeRequests()
    {
        var before = _sidecars.Select(static sidecar => sidecar.Application.CountOf(Fault.None, Authority)).ToArray();
        return Eventually.Holds(
            "all three take requests",
            async () =>
            {
                using var answer = await _caller.Call(Authority);
                return _sidecars.Zip(before).All(static pair => pair.First.Application.CountOf(Fault.None, Authority) > pair.Second);
            });
    }
}
