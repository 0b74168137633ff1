using System.IO.Pipelines;
using System.Security.Cryptography;
using Mesh.Proxy.Resilience;

namespace Mesh.Proxy.Tests.Resilience;

public sealed class ReplayableBodyTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    [InlineData(ReplayableBody.Limit)]
    public async Task Reads_the_same_again(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        using var body = new ReplayableBody(new MemoryStream(content), announced: null, CancellationToken.None);

        Assert.Equal(content, await ReadAllAsync(body));
        Assert.True(body.CanReplay);
        body.Rewind();
        Assert.Equal(content, await ReadAllAsync(body));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ReplayableBody.Limit + 1)]
    public async Task Reads_more_than_the_limit_but_only_once(int? announced)
    {
        var content = RandomNumberGenerator.GetBytes(ReplayableBody.Limit + 1);
        using var body = new ReplayableBody(new MemoryStream(content), announced, CancellationToken.None);
        Assert.True(body.CanReplay);

        Assert.Equal(content, await ReadAllAsync(body));
        Assert.False(body.CanReplay);
    }

    [Fact]
    public async Task Goes_on_after_what_was_read_before()
    {
        using var body = new ReplayableBody(_pipe.Reader.AsStream(), announced: null, CancellationToken.None);
        await _pipe.Writer.WriteAsync("one"u8.ToArray());
        Assert.Equal(3, await body.ReadAsync(new byte[100]));

        body.Rewind();
        await _pipe.Writer.WriteAsync("two"u8.ToArray());
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("onetwo"u8.ToArray(), await ReadAllAsync(body));
    }

    [Fact]
    public async Task A_read_that_was_given_up_loses_nothing()
    {
        using var body = new ReplayableBody(_pipe.Reader.AsStream(), announced: null, CancellationToken.None);
        using var giveUp = new CancellationTokenSource();
        var read = body.ReadAsync(new byte[100], giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);

        body.Rewind();
        await _pipe.Writer.WriteAsync("all of it"u8.ToArray());
        await _pipe.Writer.CompleteAsync();

        Assert.True(body.CanReplay);
        Assert.Equal("all of it"u8.ToArray(), await ReadAllAsync(body));
    }

    [Fact]
    public async Task A_read_of_nothing_waits_for_data_and_leaves_it_there()
    {
        using var body = new ReplayableBody(_pipe.Reader.AsStream(), announced: null, CancellationToken.None);
        var wait = body.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(wait.IsCompleted);

        await _pipe.Writer.WriteAsync("x"u8.ToArray());
        await _pipe.Writer.CompleteAsync();

        Assert.Equal(0, await wait);
        Assert.Equal("x"u8.ToArray(), await ReadAllAsync(body));
    }

    /// <summary>As the forwarder reads: with reads of nothing in between.</summary>
    private static async Task<byte[]> ReadAllAsync(ReplayableBody body)
    {
        var all = new MemoryStream();
        var buffer = new byte[7_000];
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
            Assert.Equal(0, await body.ReadAsync(Memory<byte>.Empty));
        }

        return all.ToArray();
    }
}
