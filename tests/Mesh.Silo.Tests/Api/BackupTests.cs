using System.Net;
using System.Text;

namespace Mesh.Silo.Tests.Api;

/// <summary>An export of one region, applied to another that is empty.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private const string Services = """
        { "services": [
          { "namespace": "shop", "name": "web",
            "spec": { "hosts": ["web.example", "www.example"], "ports": [80, 8080], "protocol": "http",
              "routes": [
                { "name": "beta", "matches": [{ "path": { "type": "PathPrefix", "value": "/api" }, "headers": [{ "name": "x-group", "value": "yes: \"no\" #1" }] }],
                  "filters": [{ "type": "RequestHeaderModifier", "requestHeaderModifier": { "set": [{ "name": "x-from", "value": "mesh" }], "remove": ["x-old"] } }],
                  "backendRefs": [{ "name": "web-v2", "weight": 0 }, { "name": "web", "namespace": "shop", "weight": 10, "labels": { "version": "1" } }],
                  "timeouts": { "request": "1h30m", "backendRequest": "250ms" }, "retry": { "attempts": 2, "codes": [502, 503] } },
                { "name": "all" } ],
              "traffic": { "loadBalancer": { "type": "ringHash", "hash": { "cookie": "id" } }, "retryBudget": { "percent": 0, "minPerSecond": 0, "window": "10s" } } },
            "endpoints": { "one": { "host": "10.0.0.1", "port": 80, "zone": "a", "weight": 0, "labels": { "version": "1" }, "state": "Draining" },
                           "two:2": { "host": "two.internal", "port": 81, "protocol": "grpc" } } },
          { "namespace": "shop", "name": "web-v2", "spec": {} },
          { "namespace": "db", "name": "postgres", "spec": { "protocol": "tcp" }, "endpoints": { "a": { "host": "::1", "port": 5432 } } }
        ] }
        """;

    private readonly ApiHost _lost = new();
    private readonly ApiHost _new = new();

    public async ValueTask InitializeAsync()
    {
        await _lost.InitializeAsync();
        await _new.InitializeAsync();
        Assert.Equal(HttpStatusCode.OK, (await _lost.Post("/v1/apply", Services)).Status);
        Assert.True((await _lost.Put("/v1/namespaces/shop", """{ "allowOverride": true, "allowExplain": true }""")).Status is HttpStatusCode.OK or HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Created, (await _lost.Put("/v1/services/shop/gone", "{}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _lost.Delete("/v1/services/shop/gone")).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await _lost.DisposeAsync();
        await _new.DisposeAsync();
    }

    [Theory]
    [InlineData("json", "application/json")]
    [InlineData("yaml", "application/yaml")]
    public async Task An_empty_region_gets_back_every_service_setting_and_endpoint(string format, string type)
    {
        var backup = await _lost.Client.GetStringAsync($"/v1/export?format={format}", TestContext.Current.CancellationToken);

        using var restored = await _new.Client.PostAsync(
            "/v1/apply", new StringContent(backup, Encoding.UTF8, type), TestContext.Current.CancellationToken);

        Assert.True(restored.IsSuccessStatusCode, await restored.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Lines(backup), Lines(await _new.Client.GetStringAsync($"/v1/export?format={format}", TestContext.Current.CancellationToken)));
        Assert.Contains("namespace-settings", backup, StringComparison.Ordinal);
        Assert.DoesNotContain("gone", backup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task And_changes_nothing_where_it_was_made()
    {
        var backup = await _lost.Client.GetStringAsync("/v1/export", TestContext.Current.CancellationToken);
        var revision = (await _lost.Get("/v1/services/shop/web")).Json["revision"]!.GetValue<long>();

        Assert.Equal(HttpStatusCode.OK, (await _lost.Post("/v1/apply", backup)).Status);

        Assert.Equal(revision, (await _lost.Get("/v1/services/shop/web")).Json["revision"]!.GetValue<long>());
    }

    [Fact]
    public async Task Hosts_that_have_been_swapped_since_go_back()
    {
        await _lost.Post("/v1/apply", """[{"name":"a","spec":{"hosts":["x.example"]}},{"name":"b","spec":{"hosts":["y.example"]}}]""");
        var backup = await _lost.Client.GetStringAsync("/v1/export", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await _lost.Post("/v1/apply", """[{"name":"a","spec":{"hosts":["y.example"]}},{"name":"b","spec":{"hosts":["x.example"]}}]""")).Status);

        Assert.Equal(HttpStatusCode.OK, (await _lost.Post("/v1/apply", backup)).Status);

        Assert.Equal(Lines(backup), Lines(await _lost.Client.GetStringAsync("/v1/export", TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task One_that_is_too_large_goes_in_parts_by_its_lines()
    {
        foreach (var part in Enumerable.Range(0, 300).Chunk(100))
        {
            var services = part.Select(static i => $$"""{ "namespace": "many", "name": "s-{{i}}", "spec": { "hosts": ["s-{{i}}.example"] }, "endpoints": { "e": { "host": "10.0.0.1", "port": 80 } } }""");
            Assert.Equal(HttpStatusCode.OK, (await _lost.Post("/v1/apply", $"[{string.Join(',', services)}]")).Status);
        }

        var backup = await _lost.Client.GetStringAsync("/v1/export", TestContext.Current.CancellationToken);
        var lines = backup.TrimEnd('\n').Split('\n')[1..^1].Select(static line => line.TrimEnd(','));
        foreach (var part in lines.Chunk(100))
        {
            Assert.Equal(HttpStatusCode.OK, (await _new.Post("/v1/apply", $"[{string.Join(",\n", part)}]")).Status);
        }

        Assert.Equal(Lines(backup), Lines(await _new.Client.GetStringAsync("/v1/export", TestContext.Current.CancellationToken)));
    }

    /// <summary>Services come in no order.</summary>
    private static IEnumerable<string> Lines(string export) => export.Split('\n').Select(static line => line.TrimEnd(',')).Order(StringComparer.Ordinal);
}
