using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mesh.Silo.Tests.Api;

public class OpenApiTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task The_document_has_every_path_with_its_parameters_bodies_and_errors()
    {
        var document = (await api.Get("/openapi/v1.json")).Json;
        var paths = document["paths"]!.AsObject();
        Assert.Equal(
            [
                "/healthz", "/readyz", "/v1/apply", "/v1/audit", "/v1/explain", "/v1/export", "/v1/gateways",
                "/v1/identity/bundle", "/v1/identity/certificates", "/v1/identity/rotate", "/v1/identity/tokens", "/v1/identity/tokens/{token}",
                "/v1/namespaces/{namespace}", "/v1/proxies", "/v1/proxies/{proxy}", "/v1/regions", "/v1/services",
                "/v1/services/{namespace}/{name}", "/v1/services/{namespace}/{name}/endpoints", "/v1/services/{namespace}/{name}/endpoints/{id}",
                "/v1/services/{namespace}/{name}/endpoints/{id}/drain", "/v1/services/{namespace}/{name}/revisions",
                "/v1/services/{namespace}/{name}/revisions/{revision}", "/v1/services/{namespace}/{name}/rollback",
                "/v1/services/{namespace}/{name}/routes", "/v1/services/{namespace}/{name}/routes/{rule}", "/v1/services/{namespace}/{name}/traffic",
                "/v1/session", "/v1/tokens", "/v1/tokens/{token}",
            ],
            paths.Select(path => path.Key).Where(path => path != "/throws").Order(StringComparer.Ordinal));

        Assert.Equal("bearer", document["components"]!["securitySchemes"]!["bearer"]!["scheme"]!.GetValue<string>());

        var put = paths["/v1/services/{namespace}/{name}"]!["put"]!;
        Assert.Equal(["namespace", "name", "dryRun", "If-Match", "If-None-Match"], put["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!));
        Assert.NotNull(put["requestBody"]!["content"]!["application/json"]!["schema"]);
        Assert.NotNull(put["responses"]!["default"]!["content"]!["application/problem+json"]);
        foreach (var (path, operations) in paths.Where(path => path.Key != "/throws"))
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                Assert.False(string.IsNullOrEmpty((string?)operation!["summary"]), $"{method} {path}");
            }
        }
    }

    [Fact]
    public async Task The_document_says_how_callers_prove_who_they_are()
    {
        var document = (await api.Get("/openapi/v1.json")).Json;
        var schemes = document["components"]!["securitySchemes"]!;
        Assert.Equal(("apiKey", "cookie", "mesh-session"), ((string)schemes["session"]!["type"]!, (string)schemes["session"]!["in"]!, (string)schemes["session"]!["name"]!));
        Assert.Equal(("apiKey", "header", "mesh-csrf"), ((string)schemes["csrf"]!["type"]!, (string)schemes["csrf"]!["in"]!, (string)schemes["csrf"]!["name"]!));
        Assert.Equal("mutualTLS", (string)schemes["certificate"]!["type"]!);

        Assert.Equal(["bearer", "session", "certificate"], Needs("/v1/services", "get"));
        Assert.Equal(["bearer", "session csrf", "certificate"], Needs("/v1/services/{namespace}/{name}", "put"));
        Assert.Empty(Needs("/v1/gateways", "get"));

        IEnumerable<string> Needs(string path, string method) => document["paths"]![path]![method]!["security"]!.AsArray()
            .Select(static one => string.Join(' ', one!.AsObject().Select(static scheme => scheme.Key)));
    }

    [Fact]
    public async Task Conditional_headers_are_those_of_operations_that_write_one_resource()
    {
        var paths = (await api.Get("/openapi/v1.json")).Json["paths"]!.AsObject();
        var conditional = paths.SelectMany(static path => path.Value!.AsObject()
            .Where(static operation => operation.Value!["parameters"]?.AsArray().Any(static parameter => (string)parameter!["name"]! == "If-Match") == true)
            .Select(operation => $"{operation.Key} {path.Key}"));

        Assert.Equal(
            [
                "delete /v1/namespaces/{namespace}", "delete /v1/services/{namespace}/{name}", "delete /v1/services/{namespace}/{name}/endpoints/{id}",
                "delete /v1/services/{namespace}/{name}/routes/{rule}", "post /v1/services/{namespace}/{name}/endpoints/{id}/drain",
                "post /v1/services/{namespace}/{name}/rollback", "put /v1/namespaces/{namespace}", "put /v1/services/{namespace}/{name}",
                "put /v1/services/{namespace}/{name}/endpoints/{id}", "put /v1/services/{namespace}/{name}/routes/{rule}", "put /v1/services/{namespace}/{name}/traffic",
            ],
            conditional.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Durations_are_strings_and_every_reference_leads_somewhere()
    {
        var text = (await api.Get("/openapi/v1.json")).Text;
        var document = JsonNode.Parse(text)!;
        var request = document["components"]!["schemas"]!["RouteTimeouts"]!["properties"]!["request"]!;
        Assert.Contains("string", request["type"]!.ToJsonString(), StringComparison.Ordinal);
        foreach (Match reference in Regex.Matches(text, "\"\\$ref\": ?\"#/components/schemas/([^\"]+)\""))
        {
            Assert.NotNull(document["components"]!["schemas"]![reference.Groups[1].Value]);
        }
    }

    [Fact]
    public async Task A_service_that_is_read_is_described_with_all_of_its_spec()
    {
        var schemas = (await api.Get("/openapi/v1.json")).Json["components"]!["schemas"]!;
        var written = schemas["ServiceSpec"]!["properties"]!.AsObject().Select(static property => property.Key);
        var read = schemas["ServiceDocument"]!["properties"]!.AsObject().Select(static property => property.Key);
        Assert.Empty(written.Except(read));
    }

    [Fact]
    public async Task The_page_loads_nothing_from_elsewhere()
    {
        var root = await api.Get("/");
        Assert.Equal(HttpStatusCode.OK, root.Status);
        Assert.Equal("text/html", root.MediaType);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", root.Text);
        Assert.Contains("default-src 'self'", string.Join(';', root.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        foreach (Match script in Regex.Matches(root.Text, "<script[^>]* src=\"([^\"]+)\""))
        {
            var answer = await api.Get(new Uri(new Uri(api.Client.BaseAddress!, "/docs/"), script.Groups[1].Value).PathAndQuery);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        }
    }
}
