using System.Net;

namespace Mesh.Silo.Tests.Api;

public class NamespaceEndpointsTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task Settings_are_written_read_and_reset()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/namespaces/quiet")).Status);

        var put = await api.Put("/v1/namespaces/shop", """{"allowOverride":true}""");
        Assert.Equal(HttpStatusCode.Created, put.Status);
        var read = await api.Get("/v1/namespaces/shop");
        Assert.Equal("""{"allowOverride":true,"allowExplain":false}""", read.Text.Trim());
        Assert.Equal(put.EntityTag, read.EntityTag);

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await api.Put("/v1/namespaces/shop", "{}", ("If-Match", "\"99\""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Put("/v1/namespaces/shop", "{}", ("If-Match", read.EntityTag!))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Delete("/v1/namespaces/shop")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/namespaces/shop")).Status);
    }

    [Fact]
    public async Task Unknown_settings_are_refused_by_name()
    {
        var put = await api.Put("/v1/namespaces/shop", """{"allowOverrides":true}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.Status);
        Assert.Equal(["$.allowOverrides: is not a known field; did you mean \"allowOverride\"?"], put.Errors);
    }

    [Fact]
    public async Task The_record_of_the_settings_is_not_a_service()
    {
        await api.Put("/v1/namespaces/hidden", """{"allowExplain":true}""");
        Assert.DoesNotContain("namespace-settings", (await api.Get("/v1/services?namespace=hidden")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await api.Put("/v1/services/hidden/namespace-settings", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Put("/v1/services/hidden/namespace-settings/traffic", "{}")).Status);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await api.Put("/v1/services/hidden/namespace-settings/endpoints/a", """{"host":"10.0.0.1","port":80}""")).Status);
    }

    [Fact]
    public async Task The_record_of_the_settings_cannot_be_given_endpoints()
    {
        var applied = await api.Post("/v1/apply", """
            { "namespace": "bare", "name": "namespace-settings", "spec": { "namespaceSettings": { "allowExplain": true } },
              "endpoints": { "a": { "host": "10.0.0.1", "port": 80 } } }
            """);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, applied.Status);
        Assert.StartsWith("$.endpoints: \"namespace-settings\" cannot have endpoints", Assert.Single(applied.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_cannot_hold_the_settings_of_its_namespace()
    {
        var put = await api.Put("/v1/services/shop/web", """{"namespaceSettings":{"allowOverride":true}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.Status);
        Assert.Equal(["$.namespaceSettings: belongs to a namespace: put it to /v1/namespaces/shop"], put.Errors);
    }

    [Fact]
    public async Task Export_carries_the_settings_and_apply_takes_them_back()
    {
        await api.Put("/v1/namespaces/kept", """{"allowOverride":true}""");
        var export = await api.Get("/v1/export");
        await api.Delete("/v1/namespaces/kept");
        Assert.Equal(HttpStatusCode.OK, (await api.Post("/v1/apply", export.Text)).Status);
        Assert.Equal("""{"allowOverride":true,"allowExplain":false}""", (await api.Get("/v1/namespaces/kept")).Text.Trim());
    }
}
