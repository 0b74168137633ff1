using System.Net;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Tests.Hosting;
using Mesh.Testing;
using static Mesh.Proxy.Tests.Hosting.Snapshots;

namespace Mesh.Proxy.Tests.Listeners;

/// <summary>Connections of HTTP/2 that are there to cost as much as they can. Whatever one does, another is served.</summary>
public sealed class Http2AbuseTests : IAsyncLifetime
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte Continuation = 9;

    /// <summary>Frames of a flood without end, as good as.</summary>
    private const int Endless = 100_000;

    private const int Resets = 10_000;

    private Upstream _upstream = null!;
    private ProxyHost _proxy = null!;
    private int _reached;
    private long _written;

    public static TheoryData<bool> Listeners => [true, false];

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(async context =>
        {
            Interlocked.Increment(ref _reached);
            if (context.Request.Path == "/endless")
            {
                var block = new byte[64 << 10];
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                    Interlocked.Add(ref _written, block.Length);
                }
            }

            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        _proxy = await ProxyHost.StartAsync(new AppOptions("127.0.0.1", _upstream.Port));
        _proxy.Serve("shop/web", new ServiceSpec(), At(_upstream.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Listeners))]
    public async Task Requests_that_are_taken_back_at_once_end_the_connection(bool isOutbound)
    {
        using var connection = await Http2Connection.OpenAsync(Port(isOutbound));
        var end = connection.ReadToEndAsync();
        var sent = 0;
        try
        {
            for (; sent < Resets && !end.IsCompleted; sent++)
            {
                await RequestAsync(connection, (sent * 2) + 1, "/", endStream: false);
                await connection.ResetAsync((sent * 2) + 1);
            }
        }
        catch (IOException)
        {
            // Ended.
        }

        // A GOAWAY was sent; since the caller goes on, the connection is cut, and the reset may overtake it.
        Assert.True(await end, $"the connection lives on after {sent} requests");
        await ServesAsync();
        Assert.True(_reached < Resets / 2, $"{_reached} of {sent} requests reached the application");
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(16_384)]
    public async Task Headers_without_end_end_the_connection(int size)
    {
        using var connection = await Http2Connection.OpenAsync(Port(isOutbound: true));
        await connection.FloodAsync(1, Headers, 0, 1, []);

        // A literal of a name and a value of zeros, over and over.
        var sent = await connection.FloodAsync(Endless, Continuation, 0, 1, new byte[size]);

        Assert.True(sent < Endless, "headers of any length are taken");
        Assert.True(await connection.ReadToEndAsync());
        await ServesAsync();
        Assert.Equal(1, _reached);
    }

    /// <summary>Each wants an answer, and nobody takes the answers.</summary>
    [Theory]
    [InlineData(Settings, 0, 0)]
    [InlineData(Ping, 0, 8)]
    public async Task Questions_whose_answers_nobody_takes_are_read_no_more(byte type, byte flags, int length)
    {
        using var connection = await Http2Connection.OpenAsync(Port(isOutbound: true));

        var sent = await connection.FloodAsync(Endless * 100, type, flags, 0, new byte[length]);

        Assert.True(sent < Endless * 100, "all of them were read");
        await ServesAsync();
    }

    [Theory]
    [MemberData(nameof(Listeners))]
    public async Task Data_of_no_length_harms_nobody(bool isOutbound)
    {
        using var connection = await Http2Connection.OpenAsync(Port(isOutbound));
        await RequestAsync(connection, 1, "/", endStream: false);
        var flood = connection.FloodAsync(Endless, Data, 0, 1, []);

        await ServesAsync();
        await flood;
        await ServesAsync();
    }

    /// <summary>Nothing but the reader's own pace limits the answer, and it does not read at all.</summary>
    [Theory]
    [MemberData(nameof(Listeners))]
    public async Task An_answer_that_is_not_read_waits_where_it_comes_from(bool isOutbound)
    {
        using var connection = await Http2Connection.OpenAsync(Port(isOutbound));
        await connection.OpenWindowsAsync();
        await RequestAsync(connection, 1, "/endless", endStream: true);
        await Eventually.Holds("the answer begins", () => Interlocked.Read(ref _written) > 0);

        var before = -1L;
        await Eventually.Holds("the application has to wait", async () =>
        {
            await ServesAsync();
            var now = Interlocked.Read(ref _written);
            var isSame = now == before;
            before = now;
            return isSame;
        });
        Assert.InRange(before, 1, 32 << 20);
    }

    /// <summary>How slow a body may be is for the application and the endpoint to say; how slow a head may be is not.</summary>
    [Fact]
    public void Heads_are_bounded_in_time_size_and_number()
    {
        var limits = _proxy.Kestrel.Limits;
        Assert.InRange(limits.RequestHeadersTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        Assert.InRange(limits.MaxRequestHeadersTotalSize, 1, 32 << 10);
        Assert.InRange(limits.MaxRequestHeaderCount, 1, 100);
        Assert.InRange(limits.MaxRequestLineSize, 1, 8 << 10);
        Assert.InRange(limits.MaxResponseBufferSize!.Value, 0, 64 << 10);
        Assert.InRange(limits.MaxRequestBufferSize!.Value, 0, 1 << 20);
        Assert.InRange(limits.Http2.MaxRequestHeaderFieldSize, 1, 32 << 10);
        Assert.InRange(limits.Http2.HeaderTableSize, 0, 4 << 10);
    }

    private int Port(bool isOutbound) => (isOutbound ? _proxy.Addresses.Outbound : _proxy.Addresses.Inbound!).Port;

    private static Task RequestAsync(Http2Connection connection, int stream, string path, bool endStream) => connection.SendHeadersAsync(
        stream, endStream, (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "web"));

    /// <summary>Others are served.</summary>
    private async Task ServesAsync()
    {
        using var answer = await _proxy.GetAsync("web").WaitAsync(Eventually.Deadline, TimeProvider.System);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
