using Mesh.EndToEnd.Tests.Faults;
using Mesh.Testing.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.EndToEnd.Tests;

/// <summary>Unary and server streaming gRPC calls under load while endpoints fail and come back.</summary>
[TestClass(DisableParallelization = true)]
public sealed class FailingGrpcEndpointsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Retrying = "shop/counting";
    private const string Plain = "shop/plain";

    private readonly List<FaultyApplication> _applications = [];
    private SiloProcess _silo = null!;
    private ProxyProcess _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.Ready();
        await _silo.Api.Write($"/v1/services/{Retrying}", Spec("""
            , "retry": { "attempts": 3, "codes": [500, 503, 504], "backoff": "5ms" }
            """));
        await _silo.Api.Write($"/v1/services/{Plain}", Spec(""));
        for (var i = 1; i <= 4; i++)
        {
            var application = await FaultyApplication.Start(
                $"app-{i}",
                HttpProtocols.Http2,
                static builder => builder.Services.AddGrpc(),
                static app => app.MapGrpcService<CountingGrpc>());
            _applications.Add(application);
            var json = $$"""{ "host": "127.0.0.1", "port": {{application.Port}} }""";
            await _silo.Api.Write($"/v1/services/{Retrying}/endpoints/{application.Name}", json);
            await _silo.Api.Write($"/v1/services/{Plain}/endpoints/{application.Name}", json);
        }

        _caller = await ProxyProcess.Ready(new ProxySettings { Name = "caller", ControlPlane = _silo.Url, WarmUp = [Retrying, Plain] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_caller is not null)
        {
            await _caller.DisposeAsync();
        }

        foreach (var application in _applications)
        {
            await application.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task A_retrying_rule_loses_no_call()
    {
        output.WriteLine($"MESH_E2E_SEED={RunSettings.Seed}");
        await CheckedGrpcCalls.WarmUp(_caller, "counting.shop");
        await using var retrying = CheckedGrpcCalls.Start(_caller, "counting.shop");
        await using var plain = CheckedGrpcCalls.Start(_caller, "plain.shop", callersOfEach: 1);
        var script = new FaultScript(_caller, "counting.shop", [Retrying], retrying.Settled, RunSettings.Seed);

        try
        {
            await script.Run(_applications, RunSettings.Length);
            await retrying.Stop();
            await plain.Stop();
        }
        finally
        {
            output.WriteLine(script.Log);
            output.WriteLine($"{retrying.Unary} unary calls, {retrying.Streams} streams and {retrying.Failures.Count} failures with retries, "
                + $"{plain.Unary}, {plain.Streams} and {plain.Failures.Count} without");
            output.WriteLine(string.Join(Environment.NewLine, retrying.Failures));
        }

        Assert.Empty(retrying.Failures);
        Assert.True(retrying.Unary > 500 && retrying.Streams > 500, $"only {retrying.Unary} unary calls and {retrying.Streams} streams");
        Assert.NotEmpty(plain.Failures);
    }

    /// <param name="more">Further members of the rule.</param>
    private static string Spec(string more) => $$"""
        {
          "protocol": "grpc",
          "routes": [{ "name": "all", "timeouts": { "backendRequest": "500ms" }{{more}} }],
          "traffic": {
            "loadBalancer": { "type": "roundRobin" },
            "outlierDetection": { "consecutiveFailures": 3, "minEjection": "200ms", "maxEjection": "1s" },
            "retryBudget": { "percent": 1000, "minPerSecond": 1000 }
          }
        }
        """;
}
