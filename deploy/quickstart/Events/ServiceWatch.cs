using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Mesh.Quickstart.Events;

/// <summary>
/// Tells of changes to services, from the management API's stream of server-sent events. Each event carries the whole
/// list, so nothing is missed while the stream is away: the next list shows it.
/// </summary>
internal sealed class ServiceWatch(Uri api, EventLog events, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private ServiceList? _last;
    private bool _isAway;

    /// <summary>Goes on until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await Follow(stop);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
            {
                if (!_isAway)
                {
                    events.Write("the management API is away; calls go on with what the sidecars know");
                    _isAway = true;
                }
            }

            await Task.Delay(RetryDelay, time, stop);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task Follow(CancellationToken stop)
    {
        await using var stream = await _http.GetStreamAsync(new Uri(api, "/v1/services?watch=true"), stop);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(stop))
        {
            if (item.EventType == "put")
            {
                Show(JsonSerializer.Deserialize<ServiceList>(item.Data, JsonSerializerOptions.Web)!);
            }
        }
    }

    private void Show(ServiceList list)
    {
        if (_isAway)
        {
            events.Write("the management API is back");
            _isAway = false;
        }

        foreach (var line in _last is null ? [] : ServiceChanges.Between(_last, list))
        {
            events.Write(line);
        }

        _last = list;
    }
}
