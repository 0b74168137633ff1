using System.Net;
using System.Text.Json.Nodes;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;

namespace Mesh.Silo.Tests.Api.Responses;

/// <summary>Whoever reads a service, changes one thing and writes it back must change that one thing only.</summary>
public class ServiceDocumentTests(ApiHost api) : IClassFixture<ApiHost>
{
    /// <summary>With every property of a spec that a service can have, each unlike its default.</summary>
    private const string Everything =
        """
        { "hosts": ["all.example"], "ports": [80], "protocol": "http2",
          "routes": [{ "name": "all", "backendRefs": [{ "name": "v2" }] }],
          "traffic": { "loadBalancer": { "type": "roundRobin" } },
          "mtls": "Strict",
          "access": { "default": "deny", "audit": true,
            "rules": [{ "name": "cart", "action": "allow", "from": { "identities": ["spiffe://mesh.local/ns/shop/svc/cart"] } }],
            "jwt": [{ "issuer": "https://issuer.example", "jwks": "https://issuer.example/keys", "audiences": ["shop"] }],
            "external": { "url": "http://127.0.0.1:9000/" } } }
        """;

    private static readonly IReadOnlyList<string> Properties =
        [.. typeof(ServiceSpec).GetProperties().Select(static property => MeshJson.Options.PropertyNamingPolicy!.ConvertName(property.Name))];

    [Fact]
    public void Every_property_of_a_spec_is_tried_here()
    {
        var defaults = JsonNode.Parse(MeshJson.Encode(new ServiceSpec()))!;
        var tried = JsonNode.Parse(Everything)!;

        Assert.All(
            Properties.Except(["namespaceSettings"]),
            property => Assert.False(JsonNode.DeepEquals(defaults[property], tried[property]), $"{property} is missing above, or what it is by default"));
    }

    [Fact]
    public async Task A_service_is_read_with_all_that_was_written_and_sending_it_back_changes_nothing()
    {
        const string Path = "/v1/services/shop/all";
        var written = await api.Put(Path, Everything);
        Assert.Equal(HttpStatusCode.Created, written.Status);

        await SendBack(Path);

        Assert.Equal("Strict", (string)(await api.Get(Path)).Json["mtls"]!);
        await AssertShowsAll(written, "shop/all");
        await AssertShowsAll(await api.Post($"{Path}/rollback", """{ "revision": 1 }"""), "shop/all");
    }

    [Fact]
    public async Task The_record_of_a_namespaces_settings_can_be_sent_back_as_well()
    {
        await api.Put("/v1/namespaces/again", """{ "allowOverride": true, "accessDefault": "deny" }""");

        await SendBack("/v1/services/again/namespace-settings");

        Assert.Equal("deny", (string)(await api.Get("/v1/namespaces/again")).Json["accessDefault"]!);
    }

    private async Task SendBack(string path)
    {
        var read = await api.Get(path);
        await AssertShowsAll(read, path["/v1/services/".Length..]);
        var again = await api.Put(path, read.Text, ("If-Match", read.EntityTag!));
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(read.EntityTag, again.EntityTag);
        Assert.Equal(read.Json.ToJsonString(), (await api.Get(path)).Json.ToJsonString());
    }

    private async Task AssertShowsAll(ApiHost.Answer answer, string service)
    {
        var spec = (await api.Grains.GetGrain<Abstractions.Grains.IServiceGrain>(ServiceName.Parse(service).ToString()).Get())!.Spec;
        var stored = JsonNode.Parse(MeshJson.Encode(spec))!;
        Assert.All(Properties, property => Assert.True(
            JsonNode.DeepEquals(stored[property], answer.Json[property]), $"{property} is {answer.Json[property]?.ToJsonString()}, stored is {stored[property]?.ToJsonString()}"));
    }
}
