using System.Net;

namespace Mesh.Silo.Tests.Api.Access;

/// <summary>The settings of a namespace are its administrator's, and there are more ways to write them than their own endpoint.</summary>
public sealed class NamespaceSettingsAccessTests(SecuredApiHost host) : IClassFixture<SecuredApiHost>
{
    private const string Record = "/v1/services/shop/namespace-settings";
    private const string Settings = """{ "namespaceSettings": { "accessDefault": "allow", "allowOverride": true } }""";

    private static readonly (string Name, Func<SecuredApiHost.Caller, Task<ApiHost.Answer>> Write)[] Ways =
    [
        ("PUT of the namespace", static caller => caller.Put("/v1/namespaces/shop", """{ "allowExplain": true }""")),
        ("PUT of the record", static caller => caller.Put(Record, Settings)),
        ("rollback of the record", static caller => caller.Post($"{Record}/rollback", """{ "revision": 1 }""")),
        ("apply", static caller => caller.Post("/v1/apply", $$"""[{ "namespace": "shop", "name": "namespace-settings", "spec": {{Settings}} }]""")),
        ("DELETE of the record", static caller => caller.Delete(Record)),
        ("DELETE of the namespace", static caller => caller.Delete("/v1/namespaces/shop")),
    ];

    [Theory]
    [InlineData("viewer")]
    [InlineData("editor")]
    public async Task Who_is_no_admin_of_the_namespace_writes_them_by_no_way(string role)
    {
        await Reset();
        var caller = host.As(await host.Token(role, "shop", "bank"));
        var before = host.Store.Writes;

        foreach (var (name, write) in Ways)
        {
            var answer = await write(caller);
            Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{name}: {answer.Status} {answer.Text}");
        }

        var mixed = await caller.Post("/v1/apply", $$"""[{ "namespace": "shop", "name": "fine", "spec": {} }, { "namespace": "shop", "name": "namespace-settings", "spec": {{Settings}} }]""");
        Assert.Equal(HttpStatusCode.Forbidden, mixed.Status);
        Assert.Equal(before, host.Store.Writes);
        Assert.Equal(HttpStatusCode.OK, (await caller.Get(Record)).Status);
    }

    [Fact]
    public async Task An_admin_of_the_namespace_writes_them_by_every_way()
    {
        var caller = host.As(await host.Token("admin", "shop"));
        foreach (var (name, write) in Ways)
        {
            await Reset();
            var answer = await write(caller);
            Assert.True((int)answer.Status is 200 or 201 or 204, $"{name}: {answer.Status} {answer.Text}");
        }
    }

    [Fact]
    public async Task An_admin_of_another_namespace_who_edits_this_one_does_not()
    {
        await Reset();
        var editor = await host.Token("editor", "shop");
        var other = await host.Token("admin", "bank");
        foreach (var (name, write) in Ways)
        {
            Assert.True((await write(host.As(other))).Status == HttpStatusCode.Forbidden, name);
            Assert.True((await write(host.As(editor))).Status == HttpStatusCode.Forbidden, name);
        }
    }

    private async Task Reset()
    {
        var admin = host.As(SecuredApiHost.Admin);
        await admin.Put("/v1/namespaces/shop", "{}");
        await admin.Put("/v1/namespaces/shop", """{ "accessDefault": "deny" }""");
    }
}
