using Mesh.Testing;

namespace Mesh.Silo.Tests.Api;

public class WatchShutdownTests
{
    [Fact]
    public async Task Streams_end_when_the_silo_stops()
    {
        var api = new ApiHost();
        await api.InitializeAsync();
        await using var _ = api;
        await api.Put("/v1/services/w/web", "{}");
        await using var events = await EventReader.Open(api.Client, "/v1/services/w/web?watch=true");
        await events.Next();
        await api.StopApi().WaitAsync(Eventually.Deadline);
        await events.AssertEnds();
    }
}
