using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mesh.Benchmarks.Measuring;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Benchmarks.Identity;

/// <summary>A silo, and two proxies with identities: one calls, behind the other is an application.</summary>
internal sealed class ProxyPair : IAsyncDisposable
{
    public const string Service = $"{Fixtures.Namespace}/web";
    public const string Host = $"web.{Fixtures.Namespace}";
    public const string Caller = $"{Fixtures.Namespace}/caller";
    private const int Callers = 32;

    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly Upstream _upstream;

    private ProxyPair(SiloProcess silo, Upstream upstream, ProxyProcess called, ProxyProcess calling) =>
        (Silo, _upstream, Called, Calling) = (silo, upstream, called, calling);

    public SiloProcess Silo { get; }

    public ProxyProcess Called { get; }

    public ProxyProcess Calling { get; }

    /// <summary>CPU seconds of both proxies.</summary>
    public double Cpu => ProcFs.CpuSeconds(Called.Process.Id) + ProcFs.CpuSeconds(Calling.Process.Id);

    public static async Task<ProxyPair> Start()
    {
        var silo = await SiloProcess.Ready();
        var upstream = await Upstream.Start("web");
        var called = await ProxyProcess.Ready(new ProxySettings
        {
            Name = "sidecar",
            ControlPlane = silo.Url,
            Service = Service,
            AppPort = upstream.Port,
            More = await Identity(silo, Service),
        });
        var calling = await ProxyProcess.Ready(new ProxySettings
        {
            Name = "caller",
            ControlPlane = silo.Url,
            More = await Identity(silo, Caller),
        });
        await Fixtures.CallsSucceed(calling, Host);
        await Eventually.Holds("the endpoint has an identity", async () =>
            (await calling.Admin.GetStringAsync("/endpoints")).Contains("\"identity\"", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        return new ProxyPair(silo, upstream, called, calling);
    }

    public async ValueTask DisposeAsync()
    {
        await Calling.DisposeAsync();
        await Called.DisposeAsync();
        await _upstream.DisposeAsync();
        await Silo.DisposeAsync();
    }

    /// <summary>Calls for a time, with keep-alive.</summary>
    /// <returns>How many were answered; one that fails throws.</returns>
    public async Task<int> Call(TimeSpan length)
    {
        var started = Time.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (Time.GetElapsedTime(started) < length)
            {
                using var answer = await Calling.Call(Host);
                answer.EnsureSuccessStatusCode();
                count++;
            }

            return count;
        })));
        return counts.Sum();
    }

    public static async Task<string> Token(SiloProcess silo, string service)
    {
        using var content = new StringContent($$"""{ "service": "{{service}}" }""", Encoding.UTF8, "application/json");
        using var answer = await silo.Api.PostAsync("/v1/identity/tokens", content);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    private static async Task<Dictionary<string, string>> Identity(SiloProcess silo, string service) =>
        new() { ["Mesh:Identity:Token"] = await Token(silo, service), ["Mesh:Identity:Directory"] = "" };
}
