using System.Net;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Silo.Tests.Api.Audit;

public sealed class AuditTests : IAsyncLifetime
{
    private readonly ApiHost _api = new() { User = "token:ci" };

    public ValueTask InitializeAsync() => _api.InitializeAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Each_kind_of_write_leaves_one_entry()
    {
        await _api.Put("/v1/services/shop/web", "{}");
        await _api.Put("/v1/services/shop/web/routes/beta", """{"name":"beta"}""");
        await _api.Put("/v1/services/shop/web/traffic", """{"loadBalancer":{"type":"random"}}""");
        await _api.Put("/v1/services/shop/web/endpoints/web-1", """{"host":"10.0.0.1","port":80}""");
        await _api.Post("/v1/services/shop/web/endpoints/web-1/drain");
        await _api.Delete("/v1/services/shop/web/endpoints/web-1");
        await _api.Delete("/v1/services/shop/web/routes/beta");
        await _api.Post("/v1/services/shop/web/rollback", """{"revision":1}""");
        await _api.Put("/v1/namespaces/shop", """{"allowOverride":true}""");
        await _api.Delete("/v1/namespaces/shop");
        await _api.Delete("/v1/services/shop/web");
        await _api.Post("/v1/apply", """{"services":[{"namespace":"shop","name":"b","spec":{}},{"namespace":"bank","name":"a","spec":{}}]}""");
        var token = (string)(await _api.Post("/v1/identity/tokens", """{"service":"shop/web"}""")).Json["id"]!;
        await _api.Delete($"/v1/identity/tokens/{token}");
        await _api.Post("/v1/identity/rotate", """{"after":"1h"}""");

        var entries = await Entries(15);

        Assert.Equal(
            [
                "201 PUT shop/web: shop/web@1",
                "201 PUT shop/web/routes/beta: shop/web@2",
                "200 PUT shop/web/traffic: shop/web@3",
                "201 PUT shop/web/endpoints/web-1: shop/web@4",
                "200 POST shop/web/endpoints/web-1: shop/web@5",
                "204 DELETE shop/web/endpoints/web-1: shop/web@6",
                "204 DELETE shop/web/routes/beta: shop/web@7",
                "200 POST shop/web: shop/web@8",
                "201 PUT namespaces/shop: shop/namespace-settings@1",
                "204 DELETE namespaces/shop: shop/namespace-settings@",
                "204 DELETE shop/web: shop/web@",
                "200 POST : bank/a@1, shop/b@1",
                $"201 POST identity/tokens/{token}: ",
                $"204 DELETE identity/tokens/{token}: ",
                "200 POST : ",
            ],
            entries.Select(Describe));
        Assert.All(entries, static entry => Assert.Equal(
            ("token:ci", "127.0.0.1", "local", "127.0.0.1:11111"),
            ((string?)entry["by"], (string?)entry["from"], (string?)entry["region"], (string?)entry["silo"])));
        Assert.Equal("/v1/services/shop/web/routes/beta", (string?)entries[1]["path"]);
        Assert.Equal("shop", (string?)entries[12]["namespace"]);
        Assert.Equal(15, _api.AuditLines.Lines.Count);
        Assert.Empty(await Read("?refused=true"));
    }

    [Fact]
    public async Task Reads_and_dry_runs_leave_none()
    {
        await _api.Put("/v1/services/shop/web", "{}");
        await _api.Get("/v1/services/shop/web");
        await _api.Get("/v1/export");
        await _api.Put("/v1/services/shop/web?dryRun=true", """{"hosts":["a.example"]}""");
        await _api.Put("/v1/services/shop/web?dryRun=true", "nonsense");
        await _api.Post("/v1/apply?dryRun=true", """{"services":[]}""");
        await _api.Post("/v1/explain", """{"authority":"web"}""");
        await _api.Delete("/v1/services/shop/web");

        // The queue keeps the order, so that what is to be left out would have come before the last one.
        Assert.Equal(["201 PUT shop/web: shop/web@1", "204 DELETE shop/web: shop/web@"], (await Entries(2)).Select(Describe));
        Assert.Equal(2, _api.AuditLines.Lines.Count);
    }

    [Fact]
    public async Task A_dry_run_that_the_path_does_not_take_hides_nothing()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.Post("/v1/identity/rotate?dryRun=true", "{}")).Status);
        Assert.Equal(["400 POST : "], (await Entries(1, "?refused=true")).Select(Describe));
    }

    [Fact]
    public async Task Certificates_and_paths_that_there_are_not_are_in_the_log_and_not_in_the_store()
    {
        await _api.Post("/v1/identity/certificates", """{"csr":"nothing","token":"a-secret"}""");
        await _api.Post("/v1/nothing", "{}");
        await _api.Delete("/v1/services/no/service");

        Assert.Equal(["404 DELETE no/service: "], (await Entries(1, "?refused=true")).Select(Describe));
        Assert.Equal(["/v1/identity/certificates", "/v1/nothing", "/v1/services/no/service"], _api.AuditLines.Lines.Select(static line => (string?)line.Fields["Path"]));
    }

    [Fact]
    public async Task What_changed_nothing_says_so_and_a_late_answer_keeps_what_was_done()
    {
        await _api.Put("/v1/services/shop/web", "{}");
        await _api.Put("/v1/services/shop/web", "{}");
        _api.Store.LosesNextAnswer = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _api.Put("/v1/services/shop/web", """{"ports":[1]}""")).Status);

        // It is not known whether it was stored (it was), so it does not count as refused.
        Assert.Equal(
            ["201 PUT shop/web: shop/web@1", "200 PUT shop/web: ", "503 PUT shop/web: "], (await Entries(3)).Select(Describe));
    }

    [Fact]
    public async Task What_is_refused_does_not_push_out_what_was_accepted()
    {
        await _api.Put("/v1/services/shop/web", "{}");
        for (var i = 0; i < 1_020; i++)
        {
            await _api.Delete($"/v1/services/none/none-{i}");
        }

        await Eventually.Holds("the last refusal is stored", async () => Describe((await Read("?refused=true&limit=1"))[0]) == "404 DELETE none/none-1019: ");
        Assert.Equal(1_000, (await Read("?refused=true&limit=1000")).Count);
        Assert.Equal(["201 PUT shop/web: shop/web@1"], (await Entries(1)).Select(Describe));
    }

    [Fact]
    public async Task Without_a_store_for_it_changes_are_made_and_their_entries_come_later()
    {
        _api.Audits.IsDown = true;
        Assert.Equal(HttpStatusCode.Created, (await _api.Put("/v1/services/shop/web", "{}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _api.Delete("/v1/services/shop/web")).Status);
        Assert.Equal(2, _api.AuditLines.Lines.Count);

        _api.Audits.IsDown = false;
        Assert.Equal(["201 PUT shop/web: shop/web@1", "204 DELETE shop/web: shop/web@"], (await Entries(2)).Select(Describe));
    }

    [Fact]
    public async Task Every_kind_of_refusal_is_there()
    {
        _api.User = null;
        await _api.Put("/v1/services/shop/web", "no json");
        await _api.Put("/v1/services/shop/web", """{"hots":[]}""");
        await _api.Put("/v1/services/shop/web", "{}", ("If-Match", "\"7\""));
        await _api.Put("/v1/services/shop/web", "{}", ("Origin", "http://evil.example"));
        await _api.Put("/v1/services/shop/web", "{}", ("Content-Type", "text/html"));
        await _api.Send(HttpMethod.Patch, "/v1/services/shop/web", "{}");

        var entries = await Entries(6, "?refused=true");
        Assert.Equal([400, 422, 412, 403, 415, 405], entries.Select(static entry => (int)entry["status"]!));
        Assert.All(entries, static entry => Assert.Equal("anonymous", (string?)entry["by"]));
        Assert.Empty(await Read(""));
    }

    [Fact]
    public async Task A_hostile_path_and_name_stay_on_one_line()
    {
        _api.User = "eve\nAccepted: root";
        await _api.Delete("/v1/services/shop/web%0AAccepted:%20root%E2%80%A8" + new string('x', 2_000));
        await _api.Delete("/v1/services/shop/%1B%5B2J");

        var entries = await Entries(2, "?refused=true");
        Assert.Equal("eve\\u000AAccepted: root", (string?)entries[0]["by"]);
        Assert.StartsWith("/v1/services/shop/web%0AAccepted:%20root%E2%80%A8xxx", (string?)entries[0]["path"], StringComparison.Ordinal);
        Assert.Equal(512, ((string)entries[0]["path"]!).Length);
        Assert.StartsWith("shop/web\\u000AAccepted: root\\u2028xxx", (string?)entries[0]["resource"], StringComparison.Ordinal);
        Assert.Equal(512, ((string)entries[0]["resource"]!).Length);
        Assert.Equal("shop/\\u001B[2J", (string?)entries[1]["resource"]);
        Assert.All(_api.AuditLines.Lines, static line => Assert.DoesNotContain(line.Text, char.IsControl));
    }

    [Fact]
    public async Task No_secret_is_kept()
    {
        const string secret = "s3cr3t";
        await _api.Put("/v1/services/shop/web", """{"hosts":["s3cr3t.example"]}""", ("Authorization", $"Bearer {secret}"), ("Cookie", $"mesh-session={secret}"));
        await _api.Put($"/v1/services/shop/web?token={secret}", "{}");
        var created = await _api.Post("/v1/identity/tokens", """{"service":"shop/web"}""");

        await Entries(2);
        await Entries(1, "?refused=true");
        var all = string.Concat(_api.AuditLines.Lines.Select(static line => line.Text))
            + (await _api.Get("/v1/audit")).Text + (await _api.Get("/v1/audit?refused=true")).Text;
        Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
        Assert.DoesNotContain(((string)created.Json["token"]!).Split('.')[2], all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_taken_for_its_id_is_revoked_and_its_secret_is_not_kept()
    {
        var api = (await _api.Post("/v1/tokens", """{"name":"ci","role":"viewer","namespaces":["shop"]}""")).Json;
        var join = (await _api.Post("/v1/identity/tokens", """{"service":"shop/web"}""")).Json;
        var (apiToken, joinToken) = ((string)api["token"]!, (string)join["token"]!);

        Assert.Equal(HttpStatusCode.NoContent, (await _api.Delete($"/v1/tokens/{apiToken}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _api.Delete($"/v1/identity/tokens/{joinToken}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _api.Delete($"/v1/tokens/{joinToken}")).Status);

        Assert.Equal([$"204 DELETE tokens/{api["id"]}: ", $"204 DELETE identity/tokens/{join["id"]}: "], (await Entries(4)).Skip(2).Select(Describe));
        await Entries(1, "?refused=true");
        var all = string.Concat(_api.AuditLines.Lines.Select(static line => line.Text))
            + (await _api.Get("/v1/audit")).Text + (await _api.Get("/v1/audit?refused=true")).Text;
        Assert.DoesNotContain(apiToken.Split('.')[2], all, StringComparison.Ordinal);
        Assert.DoesNotContain(joinToken.Split('.')[2], all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revisions_say_by_whom_and_from_where()
    {
        await _api.Put("/v1/services/shop/web", "{}");
        _api.User = "jwt:anna";
        await _api.Post("/v1/apply", """{"services":[{"namespace":"shop","name":"web","spec":{"ports":[1]}}]}""");

        var revisions = (await _api.Get("/v1/services/shop/web/revisions")).Json["items"]!.AsArray();
        Assert.Equal(
            [("jwt:anna", "127.0.0.1"), ("token:ci", "127.0.0.1")],
            revisions.Select(static revision => ((string?)revision!["by"], (string?)revision["from"])));
    }

    [Fact]
    public async Task A_line_in_the_log_is_there_before_the_answer_with_all_fields()
    {
        await _api.Put("/v1/services/shop/web", "{}");

        var (text, fields) = Assert.Single(_api.AuditLines.Lines);
        Assert.StartsWith(
            "Accepted: token:ci from 127.0.0.1: PUT /v1/services/shop/web was answered 201; resource shop/web, stored shop/web@1; ", text, StringComparison.Ordinal);
        Assert.Equal(
            ["At", "By", "Changes", "From", "Id", "Method", "Outcome", "Path", "Region", "Resource", "Silo", "Status", "{OriginalFormat}"],
            fields.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>The entries, the oldest first, once there are so many.</summary>
    private async Task<IReadOnlyList<JsonNode>> Entries(int count, string query = "")
    {
        await Eventually.Holds($"{count} entries are stored", async () => (await Read(query)).Count >= count);
        var entries = (await Read(query)).Reverse().ToList();
        Assert.Equal(count, entries.Count);
        return entries;
    }

    private async Task<IReadOnlyList<JsonNode>> Read(string query) =>
        [.. (await _api.Get("/v1/audit" + query)).Json["items"]!.AsArray().Select(static entry => entry!)];

    private static string Describe(JsonNode entry) =>
        $"{entry["status"]} {entry["method"]} {entry["resource"]}: "
        + string.Join(", ", entry["changes"]!.AsArray().Select(static change => $"{change!["service"]}@{change["revision"]}"));
}
