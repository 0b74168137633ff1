using System.Net;
using Mesh.Abstractions.Grains;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Writes;
using Mesh.Grains.Services;
using Orleans.Concurrency;

namespace Mesh.Silo.Tests.Api;

public class ServiceEndpointsTests(ApiHost api) : IClassFixture<ApiHost>
{
    /// <summary>The example of the design, word for word.</summary>
    private const string Example =
        """
        { "hosts": ["web.example"], "protocol": "http",
          "routes": [
            { "name": "beta", "matches": [{ "path": { "type": "PathPrefix", "value": "/api" },
                                            "headers": [{ "name": "x-group", "value": "beta" }] }],
              "filters": [{ "type": "RequestHeaderModifier",
                            "requestHeaderModifier": { "set": [{ "name": "x-from", "value": "mesh" }] } }],
              "backendRefs": [{ "name": "web-v2" }],
              "timeouts": { "request": "10s", "backendRequest": "2s" },
              "retry": { "attempts": 2, "codes": [502, 503], "backoff": "25ms" } },
            { "name": "split", "backendRefs": [{ "name": "web", "weight": 90 }, { "name": "web-v2", "weight": 10 }] } ],
          "traffic": { "loadBalancer": { "type": "peakEwma" },
                       "outlierDetection": { "consecutiveFailures": 7, "minEjection": "1s", "maxEjection": "1m" },
                       "retryBudget": { "percent": 20, "minPerSecond": 10, "window": "10s" } } }
        """;

    [Fact]
    public async Task Takes_the_example_of_the_design_and_gives_it_back()
    {
        var put = await api.Put("/v1/services/example/web", Example);
        Assert.Equal(HttpStatusCode.Created, put.Status);
        Assert.Equal("/v1/services/example/web", put.Headers.Location!.ToString());
        Assert.Equal(
            ["$.routes[0].backendRefs[0]", "$.routes[1].backendRefs[1]"],
            put.Json["warnings"]!.AsArray().Select(warning => (string)warning!["path"]!));

        var get = await api.Get("/v1/services/example/web");
        Assert.Equal(HttpStatusCode.OK, get.Status);
        Assert.Equal("\"1\"", get.EntityTag);
        Assert.Equal("10s", (string)get.Json["routes"]![0]!["timeouts"]!["request"]!);
        Assert.Null(get.Json["warnings"]);
    }

    [Fact]
    public async Task Tells_of_what_two_regions_wrote_that_does_not_go_together()
    {
        await api.Put("/v1/services/merged/a", """{"hosts":["both.example"]}""");
        await Merge("merged/b", ["both.example", .. Enumerable.Range(0, 64).Select(static i => $"us-{i}.example")]);

        var loser = await api.Get("/v1/services/merged/b");

        Assert.Equal(["$.hosts", "$.hosts[0]"], loser.Json["warnings"]!.AsArray().Select(warning => (string)warning!["path"]!));
        Assert.Contains("merged/a", (string)loser.Json["warnings"]![1]!["message"]!, StringComparison.Ordinal);
        Assert.Null((await api.Get("/v1/services/merged/a")).Json["warnings"]);
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back_and_changes_nothing()
    {
        var put = await api.Put("/v1/services/shop/same", """{"hosts":["same.example"],"routes":[{"name":"a"}]}""");
        var read = await api.Get("/v1/services/shop/same");
        foreach (var body in new[] { put.Text, read.Text })
        {
            var again = await api.Put("/v1/services/shop/same", body, ("If-Match", read.EntityTag!));
            Assert.Equal(HttpStatusCode.OK, again.Status);
            Assert.Equal(read.EntityTag, again.EntityTag);
        }
    }

    [Fact]
    public async Task Names_in_the_body_must_be_those_of_the_path()
    {
        var put = await api.Put("/v1/services/shop/named", """{"namespace":"shop","name":"other","revision":7,"hosts":["UP"]}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.Status);
        Assert.Equal(2, put.Errors.Count);
        Assert.StartsWith("$.name: must be \"named\"", put.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_every_mistake_at_once_and_stores_nothing()
    {
        var writes = api.Store.Writes;
        var put = await api.Put("/v1/services/shop/bad", """{"host":[],"routes":[{"name":"a","backendRefs":[{"name":"b","weight":-1}]},{"name":"a"},{"matches":[{"path":{"value":"x"}}]}]}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.Status);
        Assert.Equal("application/problem+json", put.MediaType);
        Assert.Equal("/v1/services/shop/bad", (string)put.Json["instance"]!);
        Assert.Equal(
            ["$.host", "$.routes[0].backendRefs[0].weight", "$.routes[1].name", "$.routes[2].matches[0].path.value", "$.routes[2].name"],
            put.Errors.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.Equal(writes, api.Store.Writes);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/services/shop/bad")).Status);
    }

    [Fact]
    public async Task Says_where_the_body_stops_being_JSON()
    {
        var put = await api.Put("/v1/services/shop/bad", "{\n  \"hosts\": [,]\n}");
        Assert.Equal(HttpStatusCode.BadRequest, put.Status);
        Assert.Contains("line 2, position 13", (string)put.Json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_entity_tag_is_refused_with_the_current_one()
    {
        await api.Put("/v1/services/shop/stale", """{"hosts":["a.stale"]}""");
        await api.Put("/v1/services/shop/stale", """{"hosts":["b.stale"]}""");
        var put = await api.Put("/v1/services/shop/stale", """{"hosts":["c.stale"]}""", ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, put.Status);
        Assert.Equal("\"2\"", put.EntityTag);
        Assert.Contains("now \"2\"", (string)put.Json["detail"]!, StringComparison.Ordinal);
        var list = await api.Put("/v1/services/shop/stale", """{"hosts":["c.stale"]}""", ("If-Match", "\"7\", \"2\""));
        Assert.Equal(HttpStatusCode.OK, list.Status);
        Assert.Equal("\"3\"", list.EntityTag);
    }

    [Theory]
    [InlineData("If-Match", "*", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-Match", "\"1\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-Match", "1", HttpStatusCode.BadRequest)]
    [InlineData("If-Match", "\"1", HttpStatusCode.BadRequest)]
    [InlineData("If-Match", "*, \"1\"", HttpStatusCode.BadRequest)]
    [InlineData("If-Match", "", HttpStatusCode.BadRequest)]
    [InlineData("If-None-Match", "\"1\"", HttpStatusCode.BadRequest)]
    [InlineData("If-None-Match", "*", HttpStatusCode.Created)]
    public async Task Preconditions_of_a_service_that_does_not_exist(string header, string value, HttpStatusCode status)
    {
        var put = await api.Put("/v1/services/shop/none?dryRun=true", "{}", (header, value));
        Assert.Equal(status, put.Status);
    }

    [Theory]
    [InlineData("If-Match", "*", HttpStatusCode.OK)]
    [InlineData("If-Match", "W/\"1\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-Match", "\"mine\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-None-Match", "*", HttpStatusCode.PreconditionFailed)]
    public async Task Preconditions_of_a_service_that_exists(string header, string value, HttpStatusCode status)
    {
        await api.Put("/v1/services/shop/exists", "{}");
        Assert.Equal(status, (await api.Put("/v1/services/shop/exists?dryRun=true", """{"ports":[80]}""", (header, value))).Status);
    }

    [Fact]
    public async Task A_reader_that_has_it_gets_no_body()
    {
        var put = await api.Put("/v1/services/shop/cached", "{}");
        foreach (var tag in new[] { put.EntityTag!, $"W/{put.EntityTag}, \"x\"", "*" })
        {
            var get = await api.Get("/v1/services/shop/cached", ("If-None-Match", tag));
            Assert.Equal(HttpStatusCode.NotModified, get.Status);
            Assert.Equal(put.EntityTag, get.EntityTag);
            Assert.Empty(get.Text);
        }

        Assert.Equal(HttpStatusCode.OK, (await api.Get("/v1/services/shop/cached", ("If-None-Match", "\"99\""))).Status);
    }

    [Fact]
    public async Task A_dry_run_answers_the_same_and_stores_nothing()
    {
        var writes = api.Store.Writes;
        var dry = await api.Put("/v1/services/shop/dry?dryRun=true", """{"ports":[80]}""");
        Assert.Equal(HttpStatusCode.Created, dry.Status);
        Assert.Equal(writes, api.Store.Writes);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/services/shop/dry")).Status);

        await api.Put("/v1/services/shop/dry", "{}");
        Assert.Equal(HttpStatusCode.NoContent, (await api.Delete("/v1/services/shop/dry?dryRun=true")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Get("/v1/services/shop/dry")).Status);
    }

    [Fact]
    public async Task Deletes_under_a_precondition_and_once_only()
    {
        await api.Put("/v1/services/shop/gone", "{}");
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await api.Delete("/v1/services/shop/gone", ("If-Match", "\"9\""))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Delete("/v1/services/shop/gone", ("If-Match", "\"1\""))).Status);
        var again = await api.Delete("/v1/services/shop/gone");
        Assert.Equal(HttpStatusCode.NotFound, again.Status);
        Assert.Contains("shop/gone", (string)again.Json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_names_one_service_only()
    {
        await api.Put("/v1/services/shop/first", """{"hosts":["one.example"]}""");
        var put = await api.Put("/v1/services/shop/second", """{"hosts":["x.example","one.example"]}""");
        Assert.Equal(HttpStatusCode.Conflict, put.Status);
        Assert.Equal(["$.hosts[1]: \"one.example\" names service shop/first already (/v1/services/shop/first)"], put.Errors);
        Assert.Equal(HttpStatusCode.Conflict, (await api.Put("/v1/services/shop/second", """{"hosts":["first.shop"]}""")).Status);
    }

    [Fact]
    public async Task Lists_services_in_the_order_of_their_names_and_by_namespace()
    {
        await api.Put("/v1/services/lists/b", """{"hosts":["b.lists"],"routes":[{"name":"r"}]}""");
        await api.Put("/v1/services/lists/a", "{}");
        var list = await api.Get("/v1/services?namespace=lists");
        Assert.Equal(["a", "b"], list.Json["items"]!.AsArray().Select(item => (string)item!["name"]!));
        Assert.Equal(1, (int)list.Json["items"]![1]!["rules"]!);
        Assert.Equal(HttpStatusCode.NotModified, (await api.Get("/v1/services?namespace=lists", ("If-None-Match", list.EntityTag!))).Status);
        Assert.Empty((await api.Get("/v1/services?namespace=nobody")).Json["items"]!.AsArray());
    }

    /// <summary>A link takes up what region us wrote.</summary>
    private Task<MergeReply> Merge(string service, IReadOnlyList<string> hosts)
    {
        var record = ServiceReducer.Apply(
            ServiceRecord.Empty(ServiceName.Parse(service)), new PutSpec(new ServiceSpec { Hosts = hosts }), Precondition.None, "us", TimeProvider.System.GetUtcNow()).Record;
        return api.Grains.GetGrain<IServiceGrain>(service).Merge("us", new Immutable<byte[]>(MeshJson.Encode(record)));
    }
}
