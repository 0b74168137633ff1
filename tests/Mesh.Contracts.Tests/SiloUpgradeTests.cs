using System.Text;
using System.Text.Json;
using Mesh.Contracts.Tests.Description;
using Mesh.Contracts.Tests.Recording;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Contracts.Tests;

/// <summary>The silo of today, as a process, on what the silos of each contract have stored in Redis; and the other way round.</summary>
public class SiloUpgradeTests
{
    private const string Region = "eu";

    public static TheoryData<int> Contracts => ContractFolder.All;

    [Theory]
    [MemberData(nameof(Contracts))]
    public async Task It_serves_all_that_was_stored_and_takes_up_from_there(int contract)
    {
        using var redis = await Restored(contract);
        await using var silo = await SiloProcess.Ready(new SiloSettings { Region = Region, Redis = redis.ConnectionString });

        Assert.Empty(JsonDifference.Find(ContractFolder.Read(contract, "export.json"), await silo.Api.GetStringAsync("/v1/export")));
        Assert.Equal(404, await Status(silo, HttpMethod.Get, "/v1/services/shop/gone"));
        Assert.Contains("Sidecar", await silo.Api.GetStringAsync("/v1/services/shop/cart/endpoints"), StringComparison.Ordinal);
        foreach (var name in await Names(silo))
        {
            var path = $"/v1/services/{name}";
            var before = await Revision(silo, path);
            Assert.NotEqual(0, before);
            Assert.Equal(200, await Status(silo, HttpMethod.Get, $"{path}/revisions"));
            Assert.Equal(200, await Status(silo, HttpMethod.Put, $"{path}/traffic", """{ "retryBudget": { "percent": 31 } }"""));
            Assert.Equal(201, await Status(silo, HttpMethod.Put, $"{path}/endpoints/later", """{ "host": "10.9.9.9", "port": 80 }"""));
            Assert.InRange(await Revision(silo, path), before + 2, before + 3);
        }

        // The numbers of a deleted service go on too. Writing an old record anew, in today's form, takes one of its own.
        Assert.Equal(201, await Status(silo, HttpMethod.Put, "/v1/services/shop/gone", "{}"));
        Assert.InRange(await Revision(silo, "/v1/services/shop/gone"), 3, 4);
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public async Task It_takes_a_document_that_was_applied_or_exported_then(int contract)
    {
        await using var silo = await SiloProcess.Ready();

        foreach (var name in (string[])["apply.json", "export.json"])
        {
            Assert.Equal(200, await Status(silo, HttpMethod.Post, "/v1/apply", ContractFolder.Read(contract, name)));
        }

        Assert.Empty(JsonDifference.Find(ContractFolder.Read(contract, "export.json"), await silo.Api.GetStringAsync("/v1/export")));
    }

    [Theory]
    [MemberData(nameof(Contracts))]
    public async Task It_takes_up_a_region_that_still_runs_the_old_programs(int contract)
    {
        using var theirs = await Restored(contract);
        using var ours = await RedisServer.Start();
        await using var silo = await SiloProcess.Ready(new SiloSettings { Region = "asia", Redis = ours.ConnectionString, More = Peer(theirs) });

        await Eventually.Holds("every service has arrived", async () => (await Names(silo)).Count == (contract == 1 ? 3 : 4));
        using var link = JsonDocument.Parse(await silo.Api.GetStringAsync("/v1/regions"));
        Assert.Equal(0, link.RootElement.GetProperty("items")[0].GetProperty("rejected").GetInt32());
    }

    [Fact]
    public async Task What_it_stores_can_be_read_by_the_programs_before()
    {
        using var redis = await RedisServer.Start();
        await using (var silo = await SiloProcess.Ready(new SiloSettings { Region = Region, Redis = redis.ConnectionString }))
        {
            Assert.Equal(200, await Status(silo, HttpMethod.Post, "/v1/apply", ContractFolder.Read(ContractFolder.Newest, "apply.json")));
            Assert.Equal(200, await Status(silo, HttpMethod.Put, "/v1/services/shop/web/traffic", "{}"));
        }

        var dump = await RedisDump.Take(redis.ConnectionString, "mesh:*");
        var documents = dump.Hashes.SelectMany(static hash => hash.Value.Select(field => (Type: TypeOf(hash.Key, field.Key), Json: field.Value)))
            .Where(static document => document.Type is not null)
            .ToList();
        var reader = new OldReader(Contract.Recorded(ContractFolder.Newest));

        Assert.Equal((3, 3), (documents.Count(static document => document.Type == "ServiceRecord"), documents.Count(static document => document.Type == "CatalogEntry")));
        Assert.All(documents, document => Assert.Empty(reader.Read(document.Json, document.Type!)));
    }

    [Fact]
    public async Task A_peers_record_of_a_later_form_is_left_alone_and_told()
    {
        using var theirs = await Restored(ContractFolder.Newest, dump => Rewrite(dump, "shop/web"));
        using var ours = await RedisServer.Start();
        await using var silo = await SiloProcess.Ready(new SiloSettings { Region = "asia", Redis = ours.ConnectionString, More = Peer(theirs) });

        await Eventually.Holds("the link tells of it", async () =>
            (await silo.Api.GetStringAsync("/v1/regions")).Contains("has format 1000; this program reads up to", StringComparison.Ordinal));

        Assert.Equal(["shop/cart", "shop/fixed", "shop/remote"], await Names(silo));
        Assert.Equal(404, await Status(silo, HttpMethod.Get, "/v1/services/shop/web"));
    }

    [Fact]
    public async Task The_own_record_of_a_later_form_is_neither_served_nor_overwritten()
    {
        using var redis = await Restored(ContractFolder.Newest, dump => Rewrite(dump, "shop/web"));
        await using var silo = await SiloProcess.Ready(new SiloSettings { Region = Region, Redis = redis.ConnectionString });

        using var answer = await silo.Api.GetAsync("/v1/services/shop/web");
        Assert.Equal(500, (int)answer.StatusCode);
        Assert.Contains("has format 1000", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(500, await Status(silo, HttpMethod.Put, "/v1/services/shop/web/traffic", "{}"));
        Assert.Equal(200, await Status(silo, HttpMethod.Put, "/v1/services/shop/cart/traffic", "{}"));
        Assert.Contains("\"format\":1000", (await RedisDump.Take(redis.ConnectionString, "mesh:*:service:shop/web")).Hashes.Values.Single()["record"], StringComparison.Ordinal);
    }

    private static async Task<RedisServer> Restored(int contract, Action<RedisDump>? change = null)
    {
        var redis = await RedisServer.Start();
        var dump = RedisDump.Load(contract);
        change?.Invoke(dump);
        await dump.Restore(redis.ConnectionString);
        return redis;
    }

    /// <summary>As a program would that writes records of a later form.</summary>
    private static void Rewrite(RedisDump dump, string service)
    {
        var record = dump.Hashes.Single(pair => pair.Key.EndsWith($":service:{service}", StringComparison.Ordinal)).Value;
        record["record"] = record["record"].Replace("\"format\":2,", "\"format\":1000,\"later\":{},", StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Peer(RedisServer redis) => new() { [$"Mesh:Peers:{Region}:Redis"] = redis.ConnectionString };

    private static string? TypeOf(string key, string field) => key switch
    {
        _ when key.Contains(":service:", StringComparison.Ordinal) && field == "record" => "ServiceRecord",
        _ when key.Contains(":revisions:", StringComparison.Ordinal) => "ServiceRevision",
        _ when key.EndsWith(":catalog", StringComparison.Ordinal) => "CatalogEntry",
        _ => null,
    };

    private static async Task<IReadOnlyList<string>> Names(SiloProcess silo)
    {
        using var list = JsonDocument.Parse(await silo.Api.GetStringAsync("/v1/services"));
        return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(static item => $"{item.GetProperty("namespace").GetString()}/{item.GetProperty("name").GetString()}")];
    }

    private static async Task<long> Revision(SiloProcess silo, string path)
    {
        using var service = JsonDocument.Parse(await silo.Api.GetStringAsync(path));
        return service.RootElement.GetProperty("revision").GetInt64();
    }

    private static async Task<int> Status(SiloProcess silo, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        using var answer = await silo.Api.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
