using System.Net;

namespace Mesh.Silo.Tests.Api;

/// <summary>Apply and export.</summary>
public class ApplyTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task Applies_a_file_and_says_what_became_of_each_service()
    {
        const string File =
            """
            { "services": [
              { "namespace": "file", "name": "web", "spec": { "routes": [{ "name": "r", "backendRefs": [{ "name": "api" }, { "name": "none" }] }] },
                "endpoints": { "a": { "host": "10.0.0.1", "port": 80 } } },
              { "namespace": "file", "name": "api", "spec": {} } ] }
            """;
        var dry = await api.Post("/v1/apply?dryRun=true", File);
        Assert.Equal(["created", "created"], Outcomes(dry));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/services/file/web")).Status);

        var applied = await api.Post("/v1/apply", File);
        Assert.Equal(["created", "created"], Outcomes(applied));
        Assert.Equal(["$.services[0].spec.routes[0].backendRefs[1]"], applied.Json["warnings"]!.AsArray().Select(warning => (string)warning!["path"]!));
        Assert.Equal(["unchanged", "unchanged"], Outcomes(await api.Post("/v1/apply", File)));

        var changed = File.Replace("10.0.0.1", "10.0.0.2", StringComparison.Ordinal);
        Assert.Equal(["updated", "unchanged"], Outcomes(await api.Post("/v1/apply", changed)));
        Assert.Equal("10.0.0.2", (string)(await api.Get("/v1/services/file/web/endpoints/a")).Json["host"]!);
    }

    [Theory]
    [InlineData("""{"name":"one","spec":{}}""", "application/json")]
    [InlineData("""[{"name":"one","spec":{}}]""", "application/json")]
    [InlineData("name: one\nspec: {}\n", "application/yaml")]
    [InlineData("---\n---\nservices:\n- name: one\n  spec: {}\n...\n---\nname: two\nspec:\n  ports: [80]\n", "text/yaml")]
    [InlineData("- name: one\n  spec:\n    hosts:\n    - one.yaml\n", "application/x-yaml")]
    public async Task Takes_the_forms(string body, string type)
    {
        var applied = await api.Post("/v1/apply?dryRun=true", body, ("Content-Type", type));
        Assert.Equal(HttpStatusCode.OK, applied.Status);
        Assert.Equal("default", (string)applied.Json["items"]![0]!["namespace"]!);
    }

    [Fact]
    public async Task One_mistake_anywhere_and_nothing_is_applied()
    {
        var applied = await api.Post(
            "/v1/apply",
            """
            name: fine
            namespace: nothing
            spec: {}
            ---
            name: Bad
            namespace: nothing
            spec:
              ports: ["80", 0]
            endpoints:
              "a b": { host: 10.0.0.1, port: 80 }
              c: { host: 10.0.0.1 }
            ---
            services:
            - name: fine
              namespace: nothing
              spec: { nope: 1 }
            """,
            ("Content-Type", "application/yaml"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, applied.Status);
        Assert.Equal(
            ["$[1].endpoints.c.port", "$[1].endpoints['a b']", "$[1].name", "$[1].spec.ports[0]", "$[1].spec.ports[1]", "$[2].services[0].name", "$[2].services[0].spec.nope"],
            applied.Errors.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.Empty((await api.Get("/v1/services?namespace=nothing")).Json["items"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"services":[]}""", 422)]
    [InlineData("[]", 422)]
    [InlineData("3", 422)]
    [InlineData("""{"services":{}}""", 422)]
    [InlineData("""{"services":[{"name":"a","spec":{}}],"more":1}""", 422)]
    [InlineData("""[{"name":"a","spec":{"hosts":["h.x"]}},{"name":"b","spec":{"hosts":["h.x"]}}]""", 422)]
    [InlineData("""[{"name":"a","spec":{"hosts":["b.default"]}},{"name":"b","spec":{}}]""", 422)]
    [InlineData("{", 400)]
    public async Task Refuses(string body, int status) => Assert.Equal(status, (int)(await api.Post("/v1/apply", body)).Status);

    [Fact]
    public async Task Takes_no_preconditions() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await api.Post("/v1/apply", """{"name":"a","spec":{}}""", ("If-Match", "\"1\""))).Status);

    [Fact]
    public async Task Takes_more_than_other_paths_but_not_everything()
    {
        var padding = new string(' ', 2 * 1024 * 1024);
        Assert.Equal(HttpStatusCode.OK, (await api.Post("/v1/apply?dryRun=true", $$"""{"name":"a","spec":{}{{padding}}}""")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await api.Post("/v1/apply", new string(' ', (16 * 1024 * 1024) + 1))).Status);
    }

    [Fact]
    public async Task A_host_can_move_between_services_of_one_apply_but_not_be_stolen()
    {
        await api.Put("/v1/services/move/a", """{"hosts":["moving.example"]}""");
        var stolen = await api.Post("/v1/apply", """{"namespace":"move","name":"b","spec":{"hosts":["moving.example"]}}""");
        Assert.Equal(HttpStatusCode.Conflict, stolen.Status);
        Assert.StartsWith("$.spec.hosts[0]: ", Assert.Single(stolen.Errors), StringComparison.Ordinal);
        var moved = await api.Post(
            "/v1/apply",
            """[{"namespace":"move","name":"b","spec":{"hosts":["moving.example"]}},{"namespace":"move","name":"a","spec":{}}]""");
        Assert.Equal(["created", "updated"], Outcomes(moved));
    }

    [Fact]
    public async Task A_store_that_is_away_gives_503_with_what_became_of_each_service()
    {
        await api.Put("/v1/services/away/a", "{}");
        api.Store.IsDown = true;
        try
        {
            var applied = await api.Post("/v1/apply", """{"namespace":"away","name":"a","spec":{"ports":[1]}}""");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, applied.Status);
            Assert.Equal("failed", (string)applied.Json["items"]![0]!["outcome"]!);
        }
        finally
        {
            api.Store.IsDown = false;
        }
    }

    [Theory]
    [InlineData("/v1/export", "application/json", "*/*")]
    [InlineData("/v1/export?format=yaml", "application/yaml", "*/*")]
    [InlineData("/v1/export", "application/yaml", "application/yaml")]
    public async Task What_is_exported_can_be_applied_and_changes_nothing(string path, string type, string accept)
    {
        await api.Put(
            "/v1/services/export/web",
            """
            { "hosts": ["export.example"], "ports": [80],
              "routes": [{ "name": "true", "matches": [{ "headers": [{ "name": "x", "value": "1e3" }, { "name": "y", "value": "- no: 'q' \"#" }, { "name": "z", "value": "" }] }],
                           "timeouts": { "request": "1m30s" } }],
              "traffic": { "loadBalancer": { "type": "random" } } }
            """);
        await api.Put("/v1/services/export/web/endpoints/1", """{"host":"::1","port":80,"labels":{"a":"0x1F","b":"null","c":"é\u2028 x"}}""");
        var exported = await api.Get(path, ("Accept", accept));
        Assert.Equal(type, exported.MediaType);
        Assert.Contains("export.example", exported.Text, StringComparison.Ordinal);
        var applied = await api.Post("/v1/apply", exported.Text, ("Content-Type", type));
        Assert.Equal(HttpStatusCode.OK, applied.Status);
        Assert.All(Outcomes(applied), outcome => Assert.Equal("unchanged", outcome));
    }

    private static IReadOnlyList<string> Outcomes(ApiHost.Answer answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json["items"]!.AsArray().Select(static item => (string)item!["outcome"]!)];
    }
}
