using System.Net;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Watching;

namespace Mesh.Silo.Tests.Api;

public class WatchTests(ApiHost api) : IClassFixture<ApiHost>
{
    [Fact]
    public async Task A_service_is_followed_through_change_deletion_and_return()
    {
        await api.Put("/v1/services/w/web", "{}");
        await using var events = await EventReader.Open(api.Client, "/v1/services/w/web?watch=true");
        var first = await events.Next();
        Assert.Equal(("put", "\"1\""), (first.Name, first.Id));
        Assert.Equal((await api.Get("/v1/services/w/web")).Text, first.Data);

        await api.Put("/v1/services/w/web", """{"ports":[80]}""");
        var second = await events.Next();
        Assert.Equal(("put", "\"2\""), (second.Name, second.Id));
        Assert.Contains("\"ports\":[80]", second.Data, StringComparison.Ordinal);

        await api.Delete("/v1/services/w/web");
        Assert.Equal(("delete", "null"), await events.Next() is var gone ? (gone.Name, gone.Data) : default);

        await api.Put("/v1/services/w/web", "{}");
        Assert.Equal(("put", "\"4\""), await events.Next() is var back ? (back.Name, back.Id) : default);
    }

    [Fact]
    public async Task Only_changes_of_the_resource_are_events()
    {
        await api.Put("/v1/services/w/parts", "{}");
        await using var service = await EventReader.Open(api.Client, "/v1/services/w/parts?watch=true");
        await using var endpoints = await EventReader.Open(api.Client, "/v1/services/w/parts/endpoints?watch=true");
        await service.Next();
        await endpoints.Next();

        await api.Put("/v1/services/w/parts/endpoints/a", """{"host":"10.0.0.1","port":80}""");
        Assert.Equal("\"2\"", (await endpoints.Next()).Id);
        await api.Put("/v1/services/w/parts/routes/r", "{}");
        Assert.Equal("\"3\"", (await service.Next()).Id);
    }

    [Fact]
    public async Task The_list_of_services_is_followed()
    {
        await using var events = await EventReader.Open(api.Client, "/v1/services?namespace=watched&watch=true");
        Assert.Equal("""{"items":[]}""", (await events.Next()).Data);
        await api.Put("/v1/services/watched/new", "{}");
        Assert.Contains("\"name\":\"new\"", (await events.Next()).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxies_are_followed_by_looking_every_second()
    {
        var before = api.Directory.Proxies;
        await using var events = await EventReader.Open(api.Client, "/v1/proxies?watch=true");
        await events.Next();
        api.Directory.Proxies = [];
        try
        {
            Assert.Equal("""{"items":[]}""", (await events.Next()).Data);
        }
        finally
        {
            api.Directory.Proxies = before;
        }
    }

    [Fact]
    public async Task Nothing_to_watch_is_a_404() =>
        Assert.Equal(HttpStatusCode.NotFound, (await api.Get("/v1/services/w/nobody?watch=true")).Status);

    [Fact]
    public async Task A_store_that_is_away_does_not_end_the_stream()
    {
        await api.Put("/v1/services/w/steady", "{}");
        await using var events = await EventReader.Open(api.Client, "/v1/services/w/steady/revisions?watch=true");
        await events.Next();
        api.Store.IsDown = true;
        await api.Put("/v1/services/w/steady", """{"ports":[1]}""");
        api.Store.IsDown = false;
        await api.Put("/v1/services/w/steady", """{"ports":[2]}""");
        Assert.Contains("\"revision\":2", (await events.Next()).Data, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_room_for_so_many_watchers_and_again_when_they_leave()
    {
        var limit = new WatcherLimit(2);
        using var first = limit.Enter();
        var second = limit.Enter();
        Assert.Equal(503, Assert.Throws<ApiException>(limit.Enter).Problem.Status);
        second.Dispose();
        second.Dispose();
        using var third = limit.Enter();
        Assert.Throws<ApiException>(limit.Enter);
    }
}
