using System.Net;
using System.Text.Json.Nodes;
using Mesh.Abstractions.Audit;
using Mesh.Abstractions.Naming;
using Mesh.Grains.Audit;

namespace Mesh.Silo.Tests.Api.Audit;

public sealed class AuditEndpointsTests : IAsyncLifetime
{
    private readonly ApiHost _api = new();
    private readonly AuditId _ids = new(TimeProvider.System);

    public ValueTask InitializeAsync() => _api.InitializeAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 3)]
    [InlineData("", 7)]
    [InlineData("", 100)]
    [InlineData("namespace=even&", 1)]
    [InlineData("namespace=even&", 2)]
    [InlineData("namespace=even&", 4)]
    [InlineData("namespace=even&", 100)]
    public async Task Pages_are_newest_first_and_lead_to_the_end(string filter, int limit)
    {
        var all = Enumerable.Range(0, 7).Select(i => Entry(i % 2 == 0 ? "even" : "odd")).ToList();
        await _api.Audits.Add(AuditList.Accepted, all, keep: 100);
        await _api.Audits.Add(AuditList.Refused, [Entry("even")], keep: 100);

        var read = new List<string>();
        for (string? next = null; ;)
        {
            var page = (await _api.Get($"/v1/audit?{filter}limit={limit}{(next is null ? "" : $"&before={next}")}")).Json;
            Assert.InRange(page["items"]!.AsArray().Count, 1, limit);
            read.AddRange(page["items"]!.AsArray().Select(static entry => (string)entry!["id"]!));
            if ((next = (string?)page["next"]) is null)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Reverse(all).Where(entry => filter.Length == 0 || entry.Namespace == "even").Select(static entry => entry.Id), read);
    }

    [Fact]
    public async Task An_apply_is_found_by_each_namespace_that_it_changed()
    {
        var change = new AuditChange { Service = new ServiceName("bank", "web"), Revision = 1 };
        await _api.Audits.Add(AuditList.Accepted, [Entry(null) with { Changes = [change] }], keep: 100);

        Assert.Single(await Items("?namespace=bank"));
        Assert.Empty(await Items("?namespace=shop"));

        // One that changed more than it lists may have changed any.
        await _api.Audits.Add(AuditList.Accepted, [Entry(null) with { Changes = [change], ChangesTotal = 101 }], keep: 100);
        Assert.Single(await Items("?namespace=shop"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("before=yesterday", "before")]
    [InlineData("refused=yes", "refused")]
    [InlineData("namespace=A_B", "namespace")]
    [InlineData("since=1", "limit, before, refused")]
    public async Task A_query_that_makes_no_sense_is_refused_by_its_name(string query, string named)
    {
        var answer = await _api.Get($"/v1/audit?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, (string)answer.Json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_store_it_says_so()
    {
        _api.Audits.IsDown = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _api.Get("/v1/audit")).Status);
    }

    private async Task<JsonArray> Items(string query) => (await _api.Get("/v1/audit" + query)).Json["items"]!.AsArray();

    private AuditEntry Entry(string? ofNamespace) => new()
    {
        Id = _ids.Next(),
        At = TimeProvider.System.GetUtcNow(),
        By = "token:ci",
        Method = "PUT",
        Path = "/",
        Namespace = ofNamespace,
        Status = 200,
        Region = "local",
        Silo = "s1",
    };
}
