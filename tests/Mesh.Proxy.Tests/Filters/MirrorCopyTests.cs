using Mesh.Proxy.Filters;

namespace Mesh.Proxy.Tests.Filters;

public sealed class MirrorCopyTests
{
    private static readonly byte[] Chunk = new byte[16 * 1024];

    [Fact]
    public async Task Sends_what_was_written_until_the_end()
    {
        using var copy = new MirrorCopy();
        copy.Write("one "u8);
        var sent = copy.ReadAsStringAsync();
        copy.Write("two"u8);
        Assert.False(sent.IsCompleted);

        copy.End();

        Assert.Equal("one two", await sent.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));
        Assert.False(copy.IsGivenUp);
    }

    [Fact]
    public async Task Holds_so_much_and_no_more()
    {
        using var copy = new MirrorCopy();
        for (var i = 0; i < MirrorCopy.Limit / Chunk.Length; i++)
        {
            copy.Write(Chunk);
        }

        Assert.False(copy.IsGivenUp);
        copy.Write("x"u8);
        Assert.True(copy.IsGivenUp);
        copy.Write(Chunk);
        copy.End();
        await Assert.ThrowsAnyAsync<Exception>(() => copy.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Takes_a_body_of_any_length_from_who_keeps_up()
    {
        using var copy = new MirrorCopy();
        using var sent = new MemoryStream();
        var sending = copy.CopyToAsync(sent);
        for (var i = 1; i <= 100; i++)
        {
            copy.Write(Chunk);
            await Testing.Eventually.Holds("the chunk is sent", () => sent.Length == i * (long)Chunk.Length);
        }

        copy.End();
        await sending.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task A_body_that_was_cut_off_never_looks_whole()
    {
        using var copy = new MirrorCopy();
        copy.Write("half"u8);

        copy.GiveUp();

        Assert.True(copy.IsGivenUp);
        await Assert.ThrowsAnyAsync<Exception>(() => copy.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Cannot_be_sent_once_it_is_gone()
    {
        var copy = new MirrorCopy();
        copy.Write("x"u8);
        copy.Dispose();

        copy.Write("y"u8);

        await Assert.ThrowsAnyAsync<Exception>(() => copy.CopyToAsync(Stream.Null));
    }
}
