using System.Net.Http.Json;
using System.Text.Json;
using Mesh.EndToEnd.Tests.Secrets;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.EndToEnd.Tests;

/// <summary>Two silos and a proxy that speak nothing but mutual TLS with each other, by certificates of the mesh's own authority and no files.</summary>
public sealed class OwnAuthorityTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _keys = new();
    private RedisServer _redis = null!;
    private SiloProcess _first = null!;
    private SiloProcess _second = null!;
    private TestApplication _one = null!;
    private TestApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await TestApplication.Start("one");
        _two = await TestApplication.Start("two");
        _redis = await RedisServer.Start();
        await _redis.Command("CONFIG", "SET", "rdbcompression", "no");
        var starting = (SiloProcess.Ready(Silo("first", _keys.Path)), SiloProcess.Ready(Silo("second", _keys.Path)));
        (_first, _second) = (await starting.Item1, await starting.Item2);
        await Eventually.Holds("both silos list both gateways", async () => (await Gateways(_first)) == 2 && (await Gateways(_second)) == 2, TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
        _redis.Dispose();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _keys.Dispose();
    }

    [Fact(DisableParallelization = true)]
    public async Task A_mode_and_a_join_token_are_all_it_takes()
    {
        for (var i = 0; i < 10; i++)
        {
            await _first.Api.AddService($"default/web-{i}", _one.Port);
        }

        await _first.Api.AddService("default/v2", _two.Port);
        using var made = await _first.Api.PostAsJsonAsync("/v1/identity/tokens", new { service = "default/caller" });
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        await using var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = _second.Url,
            More = new Dictionary<string, string> { ["Mesh:Identity:Token"] = token, ["Mesh:Identity:RequireTls"] = "true" },
        });
        await proxy.Reaches("web-0", "one");
        for (var i = 0; i < 10; i++)
        {
            await (i % 2 == 0 ? _first : _second).Api.RouteAllTo($"default/web-{i}", "v2");
        }

        await proxy.Reaches("web-0", "two", TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await _first.Api.Read("/v1/proxies")).GetProperty("items").GetArrayLength());

        await WhatIsSecretIsEncryptedInTheStore();

        // What only silos know survives all of them.
        await Task.WhenAll(_first.Kill(), _second.Kill());
        await Task.WhenAll(_first.Start(), _second.Start());
        await Task.WhenAll(_first.WaitReady(), _second.WaitReady());
        await Eventually.Holds("routes can be changed again", async () =>
        {
            using var answer = await _second.Api.Put("/v1/services/default/web-0/routes/all", """{ "name": "all", "backendRefs": [{ "name": "web-0" }] }""");
            return answer.IsSuccessStatusCode;
        });
        await proxy.Reaches("web-0", "one");
    }

    [Fact]
    public async Task A_store_that_was_emptied_gets_the_authority_and_the_secret_back_and_a_restarted_silo_is_no_stranger()
    {
        await _first.Api.AddService("default/web", _one.Port);
        using var made = await _first.Api.PostAsJsonAsync("/v1/identity/tokens", new { service = "default/caller" });
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        await using var proxy = await ProxyProcess.Ready(new ProxySettings
        {
            ControlPlane = _second.Url,
            More = new Dictionary<string, string> { ["Mesh:Identity:Token"] = token, ["Mesh:Identity:RequireTls"] = "true" },
        });
        await proxy.Reaches("web", "one");
        var bundle = await Bundle(_first);

        await _redis.Command("FLUSHALL");
        await _first.Kill();
        await _first.Start();
        await _first.WaitReady();

        await Eventually.Holds("both silos list both gateways again", async () => (await Gateways(_first)) == 2 && (await Gateways(_second)) == 2, TimeSpan.FromSeconds(30));
        Assert.Equal(bundle, await Bundle(_first));
        Assert.Equal(bundle, await Bundle(_second));

        // Services whose grains the killed silo had are lost with it. New ones are on either silo, and are written through the
        // other one, so that each believes the other.
        for (var i = 0; i < 10; i++)
        {
            var silo = i % 2 == 0 ? _first : _second;
            await Eventually.Holds($"new-{i} can be written", async () =>
            {
                using var answer = await silo.Api.Put($"/v1/services/default/new-{i}", "{}");
                return answer.IsSuccessStatusCode;
            });
        }

        await _first.Api.AddService("default/v2", _two.Port);
        await proxy.Reaches("v2", "two");
    }

    [Fact]
    public async Task A_silo_without_the_keys_of_the_others_says_so_and_does_not_start()
    {
        using var others = new TemporaryDirectory();
        await using var silo = SiloProcess.Launch(Silo("stranger", others.Path));

        await Eventually.Holds("it gives up", () => silo.Process.HasExited, TimeSpan.FromSeconds(30));
        var output = string.Join('\n', silo.Process.Output(100));
        Assert.Contains("Mesh:Silo:Tls:Mode is Required", output, StringComparison.Ordinal);
        Assert.Contains("Mesh:Identity:DataProtection:Directory", output, StringComparison.Ordinal);
    }

    private async Task WhatIsSecretIsEncryptedInTheStore()
    {
        var (authority, secret) = await StoredSecrets.Decrypt(_redis, _keys.Path);
        var secrets = new PlantedSecrets();
        secrets.Add("the authority's private key", authority);
        secrets.Add("the silos' secret", secret!);
        foreach (var key in StoredSecrets.EncryptionKeys(_keys.Path))
        {
            secrets.Add("a key that encrypts what is stored", key);
        }

        secrets.Search("the store", await StoredSecrets.Dump(_redis));
    }

    private static async Task<string> Bundle(SiloProcess silo) => (await silo.Api.Read("/v1/identity/bundle")).GetProperty("bundle").GetString()!;

    private static async Task<int> Gateways(SiloProcess silo) =>
        (await silo.Api.Read("/v1/gateways")).GetProperty("gateways").GetArrayLength();

    private SiloSettings Silo(string name, string keys) => new()
    {
        Name = name,
        Redis = _redis.ConnectionString,
        More = new Dictionary<string, string>
        {
            ["Mesh:Silo:Tls:Mode"] = "Required",
            ["Mesh:Identity:DataProtection:Directory"] = keys,
        },
    };
}
