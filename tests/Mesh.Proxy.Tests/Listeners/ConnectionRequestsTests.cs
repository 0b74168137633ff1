using Mesh.Proxy.Listeners;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Proxy.Tests.Listeners;

public sealed class ConnectionRequestsTests : IConnectionLifetimeNotificationFeature, IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly DefaultConnectionContext _connection = new("1");
    private readonly ConnectionRequests _requests;
    private int _closed;

    public ConnectionRequestsTests()
    {
        _connection.Features.Set<IConnectionLifetimeNotificationFeature>(this);
        _requests = new ConnectionRequests(_connection, _time, new TakenBackLog(_time, NullLogger<TakenBackLog>.Instance));
    }

    CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested { get; set; }

    void IConnectionLifetimeNotificationFeature.RequestClose() => _closed++;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public void Most_of_many_taken_back_within_a_second_close_the_connection_and_more_of_it_cuts_it()
    {
        TakeBack(ConnectionRequests.MaxTakenBack - 1);
        Assert.Equal(0, _closed);

        TakeBack(1);
        Assert.Equal(1, _closed);
        Assert.False(_connection.ConnectionClosed.IsCancellationRequested);

        TakeBack(ConnectionRequests.MaxTakenBack);
        Assert.Equal(1, _closed);
        Assert.True(_connection.ConnectionClosed.WaitHandle.WaitOne(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void As_many_that_are_answered_outweigh_them()
    {
        for (var i = 0; i < ConnectionRequests.MaxTakenBack * 3; i++)
        {
            _requests.Begin();
            TakeBack(1);
        }

        Assert.Equal(0, _closed);
    }

    [Fact]
    public void Those_of_an_earlier_second_do_not_count()
    {
        for (var second = 0; second < 5; second++)
        {
            TakeBack(ConnectionRequests.MaxTakenBack - 1);
            _time.Advance(ConnectionRequests.Window);
        }

        Assert.Equal(0, _closed);
    }

    private void TakeBack(int times)
    {
        for (; times > 0; times--)
        {
            _requests.Begin();
            _requests.TakeBack();
        }
    }
}
