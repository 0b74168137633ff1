using System.Net;
using System.Text.Json.Nodes;

namespace Mesh.Silo.Tests.Api;

/// <summary>Routes, traffic, endpoints and revisions.</summary>
public class SubresourceTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task Rules_are_added_replaced_and_deleted_in_place()
    {
        await api.Put("/v1/services/r/web", """{"routes":[{"name":"a"},{"name":"b"}]}""");
        var added = await api.Put("/v1/services/r/web/routes/c", """{"backendRefs":[{"name":"none"}],"retry":{}}""");
        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal("\"2\"", added.EntityTag);
        Assert.Equal(["$.backendRefs[0]"], added.Json["warnings"]!.AsArray().Select(warning => (string)warning!["path"]!));

        var replaced = await api.Put("/v1/services/r/web/routes/a", """{"name":"a","timeouts":{"request":"1s"}}""", ("If-Match", "\"2\""));
        Assert.Equal(HttpStatusCode.OK, replaced.Status);
        var list = await api.Get("/v1/services/r/web/routes");
        Assert.Equal(["a", "b", "c"], list.Json["items"]!.AsArray().Select(rule => (string)rule!["name"]!));
        Assert.Equal("\"3\"", list.EntityTag);

        Assert.Equal(HttpStatusCode.NoContent, (await api.Delete("/v1/services/r/web/routes/b")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Delete("/v1/services/r/web/routes/b")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/services/r/web/routes/b")).Status);
        var read = await api.Get("/v1/services/r/web/routes/a");
        Assert.Equal(HttpStatusCode.OK, (await api.Put("/v1/services/r/web/routes/a", read.Text)).Status);
        Assert.Equal("\"4\"", read.EntityTag);
    }

    [Fact]
    public async Task A_rule_is_validated_with_paths_of_its_own_document()
    {
        await api.Put("/v1/services/r/valid", "{}");
        var put = await api.Put("/v1/services/r/valid/routes/a", """{"name":"b","matches":[{"path":{"value":"x"}}]}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.Status);
        Assert.Equal(["$.name", "$.matches[0].path.value"], put.Errors.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("/v1/services/r/nobody/routes/a", "{}")]
    [InlineData("/v1/services/r/nobody/traffic", "{}")]
    [InlineData("/v1/services/r/nobody/endpoints/a", """{"host":"10.0.0.1","port":80}""")]
    public async Task Parts_of_a_service_that_does_not_exist_cannot_be_written(string path, string body)
    {
        var put = await api.Put(path, body);
        Assert.Equal(HttpStatusCode.NotFound, put.Status);
        Assert.Equal("There is no service r/nobody.", (string)put.Json["detail"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get(path)).Status);
    }

    [Fact]
    public async Task Refuses_one_rule_too_many()
    {
        var rules = string.Join(',', Enumerable.Range(0, 1000).Select(i => $$"""{"name":"r{{i}}"}"""));
        Assert.Equal(HttpStatusCode.Created, (await api.Put("/v1/services/r/many", $$"""{"routes":[{{rules}}]}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Put("/v1/services/r/many/routes/r7", "{}")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await api.Put("/v1/services/r/many/routes/more", "{}")).Status);
    }

    [Fact]
    public async Task The_traffic_policy_is_replaced()
    {
        await api.Put("/v1/services/t/web", "{}");
        var put = await api.Put("/v1/services/t/web/traffic", """{"loadBalancer":{"type":"random"},"retryBudget":{}}""", ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.OK, put.Status);
        Assert.Null(put.Json["warnings"]);
        var get = await api.Get("/v1/services/t/web/traffic");
        Assert.Equal("\"2\"", get.EntityTag);
        Assert.Equal("random", (string)get.Json["loadBalancer"]!["type"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.Put("/v1/services/t/web/traffic", put.Text)).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await api.Delete("/v1/services/t/web/traffic")).Status);
    }

    [Fact]
    public async Task Endpoints_have_entity_tags_of_their_own()
    {
        await api.Put("/v1/services/e/web", "{}");
        var put = await api.Put("/v1/services/e/web/endpoints/web-1", """{"host":"10.0.0.7","port":8080,"zone":"a","weight":1,"labels":{"version":"1"}}""");
        Assert.Equal(HttpStatusCode.Created, put.Status);
        Assert.Equal("/v1/services/e/web/endpoints/web-1", put.Headers.Location!.ToString());
        await api.Put("/v1/services/e/web/endpoints/web-2", """{"host":"10.0.0.8","port":8080}""");
        var get = await api.Get("/v1/services/e/web/endpoints/web-1");
        Assert.Equal("\"2\"", get.EntityTag);
        Assert.Equal("Api", (string)get.Json["source"]!);
        Assert.Equal("\"1\"", (await api.Get("/v1/services/e/web")).EntityTag);
        var list = await api.Get("/v1/services/e/web/endpoints");
        Assert.Equal("\"3\"", list.EntityTag);
        Assert.Equal(2, list.Json["items"]!.AsArray().Count);

        var back = await api.Put("/v1/services/e/web/endpoints/web-1", get.Text, ("If-Match", get.EntityTag!));
        Assert.Equal(HttpStatusCode.OK, back.Status);
        Assert.Equal(get.EntityTag, back.EntityTag);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await api.Put("/v1/services/e/web/endpoints/web-2", get.Text)).Status);
    }

    [Fact]
    public async Task Endpoints_drain_and_go()
    {
        await api.Put("/v1/services/e/drain", "{}");
        await api.Put("/v1/services/e/drain/endpoints/a", """{"host":"10.0.0.7","port":8080}""");
        var dry = await api.Post("/v1/services/e/drain/endpoints/a/drain?dryRun=true");
        Assert.Equal("Draining", (string)dry.Json["state"]!);
        Assert.Equal("Ready", (string)(await api.Get("/v1/services/e/drain/endpoints/a")).Json["state"]!);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await api.Post("/v1/services/e/drain/endpoints/a/drain", null, ("If-Match", "\"1\""))).Status);
        var drained = await api.Post("/v1/services/e/drain/endpoints/a/drain");
        Assert.Equal(HttpStatusCode.OK, drained.Status);
        Assert.Equal("Draining", (string)(await api.Get("/v1/services/e/drain/endpoints/a")).Json["state"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Post("/v1/services/e/drain/endpoints/b/drain")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Delete("/v1/services/e/drain/endpoints/a")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Delete("/v1/services/e/drain/endpoints/a")).Status);
    }

    [Fact]
    public async Task Goes_back_to_an_earlier_revision()
    {
        await api.Put("/v1/services/h/web", """{"ports":[1]}""");
        await api.Put("/v1/services/h/web", """{"ports":[2]}""");
        var list = await api.Get("/v1/services/h/web/revisions");
        Assert.Equal([2, 1], list.Json["items"]!.AsArray().Select(item => (int)item!["revision"]!));
        Assert.Equal(1, (int)(await api.Get("/v1/services/h/web/revisions/1")).Json["spec"]!["ports"]![0]!);

        var dry = await api.Post("/v1/services/h/web/rollback?dryRun=true", """{"revision":1}""");
        Assert.Equal(1, (int)dry.Json["ports"]![0]!);
        var back = await api.Post("/v1/services/h/web/rollback", """{"revision":1}""", ("If-Match", "\"2\""));
        Assert.Equal(HttpStatusCode.OK, back.Status);
        Assert.Equal("\"3\"", back.EntityTag);
        Assert.Equal(1, (int)(await api.Get("/v1/services/h/web")).Json["ports"]![0]!);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await api.Post("/v1/services/h/web/rollback", """{"revision":1}""", ("If-Match", "\"2\""))).Status);
    }

    [Fact]
    public async Task Goes_back_past_a_deletion_but_not_to_it()
    {
        await api.Put("/v1/services/h/gone", """{"ports":[1]}""");
        await api.Delete("/v1/services/h/gone");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await api.Post("/v1/services/h/gone/rollback", """{"revision":2}""")).Status);
        var back = await api.Post("/v1/services/h/gone/rollback", """{"revision":1}""");
        Assert.Equal(HttpStatusCode.Created, back.Status);
        Assert.Equal("/v1/services/h/gone", back.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("""{"revision":99}""", HttpStatusCode.NotFound)]
    [InlineData("""{"revision":0}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"revision":"1"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("", HttpStatusCode.BadRequest)]
    public async Task Refuses_to_go_back_to(string body, HttpStatusCode status)
    {
        await api.Put("/v1/services/h/refuse", "{}");
        Assert.Equal(status, (await api.Post("/v1/services/h/refuse/rollback", body)).Status);
    }

    [Fact]
    public async Task A_revision_that_is_invalid_by_the_rules_of_today_is_not_restored()
    {
        await api.Put("/v1/services/h/old", """{"ports":[1]}""");
        var stored = (await api.Store.ReadRevision(new("h", "old"), 1))!;
        await api.Store.Write(
            (await api.Store.Read(new("h", "old")))! with { Revision = 2 },
            1,
            new() { Service = new("h", "old"), Revision = 2, SpecRevision = 1 },
            stored with { Revision = 2, Spec = stored.Spec! with { Ports = [0] } });
        var back = await api.Post("/v1/services/h/old/rollback", """{"revision":2}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, back.Status);
        Assert.StartsWith("$.ports[0]: ", Assert.Single(back.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxies_and_gateways_are_listed()
    {
        Assert.Equal("web-1", (string)(await api.Get("/v1/proxies")).Json["items"]![0]!["proxy"]!["id"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.Get("/v1/proxies/web-1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/proxies/nobody")).Status);
        JsonNode gateways = (await api.Get("/v1/gateways")).Json;
        Assert.Equal("127.0.0.1:30000", (string)gateways["gateways"]![0]!["address"]!);
        Assert.Equal("c", (string)gateways["clusterId"]!);
    }
}
