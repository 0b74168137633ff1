using Mesh.Proxy.Tap;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Tap;

public sealed class TapListenerTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 100)]
    public void Fewer_events_wait_for_who_asks_for_headers_because_these_are_big(bool withHeaders, int most)
    {
        var listener = Open(withHeaders);
        for (var i = 0; i < 1000; i++)
        {
            listener.Offer(Event());
        }

        Assert.Equal(1000 - most, listener.Dropped);
        _time.Advance(TimeSpan.FromSeconds(1));
        listener.Offer(Event());
        Assert.Equal(1001 - most, listener.Dropped);

        var waiting = 0;
        while (listener.Events.TryRead(out _))
        {
            waiting++;
        }

        Assert.Equal(most, waiting);
        listener.Offer(Event());
        Assert.Equal(1001 - most, listener.Dropped);
    }

    private static TapEvent Event() => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Direction = "outbound",
        Authority = "web",
        Method = "GET",
        Path = "/",
        Status = 200,
        DurationMs = 1,
    };

    private TapListener Open(bool withHeaders)
    {
        var query = new QueryCollection(new Dictionary<string, StringValues> { ["max"] = "1000", ["headers"] = withHeaders ? "true" : "false" });
        Assert.Null(TapFilter.TryParse(query, out var filter));
        return new TapListener(filter, _time);
    }
}
