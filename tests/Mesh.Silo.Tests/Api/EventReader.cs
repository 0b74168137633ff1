using System.Net.ServerSentEvents;
using Mesh.Testing;

namespace Mesh.Silo.Tests.Api;

/// <summary>Reads a stream of server-sent events with the framework's own parser.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _events = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();
    }

    public static async Task<EventReader> Open(HttpClient client, string path)
    {
        var response = await client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Deadline);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventReader(response, await response.Content.ReadAsStreamAsync());
    }

    public async Task<(string Name, string? Id, string Data)> Next()
    {
        Assert.True(await _events.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline), "the stream ended");
        return (_events.Current.EventType, _events.Current.EventId, _events.Current.Data);
    }

    public async Task AssertEnds() => Assert.False(await _events.MoveNextAsync().AsTask().WaitAsync(Eventually.Deadline));

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
