using System.Net;
using Mesh.Abstractions.Regions;

namespace Mesh.Silo.Tests.Api;

public sealed class RegionEndpointsTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task A_link_says_in_words_how_it_does()
    {
        api.Directory.Regions =
            [new RegionLinkView { Region = "us", State = RegionLinkState.Unreachable, SilentSeconds = 31.5, IsStale = true, Via = RegionVia.Gateway }];

        var link = (await api.Get("/v1/regions")).Json!["items"]![0]!;

        Assert.Equal("Unreachable", (string?)link["state"]);
        Assert.Equal("Gateway", (string?)link["via"]);
        Assert.Equal((31.5, true), ((double?)link["silentSeconds"], (bool?)link["isStale"]));
    }

    [Theory]
    [InlineData("PUT", "", "{}")]
    [InlineData("PUT", "/endpoints/a", """{ "host": "127.0.0.1", "port": 1 }""")]
    [InlineData("PUT", "/routes/all", """{ "name": "all" }""")]
    [InlineData("PUT", "/traffic", "{}")]
    [InlineData("DELETE", "", null)]
    public async Task The_gateways_service_is_nobodys_to_write(string method, string path, string? body)
    {
        var answer = await api.Send(new HttpMethod(method), $"/v1/services/mesh/gateway{path}", body);

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains("Mesh:Mode=Gateway", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_to_apply()
    {
        var answer = await api.Post("/v1/apply", """{ "services": [{ "namespace": "mesh", "name": "gateway", "spec": {} }] }""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("$.services[0].name", answer.Text, StringComparison.Ordinal);
    }
}
