using System.Text;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Testing;
using Mesh.Testing.Cluster;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Api;

public class WatchHeartbeatTests
{
    [Fact]
    public async Task A_stream_without_news_gets_a_comment_every_fifteen_seconds()
    {
        var time = new FakeTimeProvider();
        var looks = 0;
        using var leave = new CancellationTokenSource();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = leave.Token };
        context.Response.Body = body;
        var state = new Representation("{}"u8.ToArray(), "\"1\"");
        var watch = new WatchResult(state, Read, new WatchScope(null, TimeSpan.FromMilliseconds(1), TimeSpan.Zero), new MemoryServiceStore(), new WatcherLimit(1), static () => ValueTask.FromResult(true), time, default);
        var running = watch.ExecuteAsync(context);

        await LooksAgain();
        time.Advance(TimeSpan.FromSeconds(14));
        await LooksAgain();
        Assert.DoesNotContain(": still here", Text(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(1));
        await LooksAgain();
        Assert.Equal("id: \"1\"\nevent: put\ndata: {}\n\n: still here\n\n", Text());

        await leave.CancelAsync();
        await running.WaitAsync(Eventually.Deadline);

        Task<Representation?> Read()
        {
            Interlocked.Increment(ref looks);
            return Task.FromResult<Representation?>(state);
        }

        // Two looks begun from now on: what the first one led to has been written when the second begins.
        Task LooksAgain()
        {
            var before = Volatile.Read(ref looks);
            return Eventually.Holds("two more looks", () => Volatile.Read(ref looks) > before + 2);
        }

        string Text() => Encoding.UTF8.GetString(body.ToArray());
    }
}
