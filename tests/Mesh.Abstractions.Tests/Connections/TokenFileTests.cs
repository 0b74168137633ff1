using Mesh.Abstractions.Connections;
using Mesh.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Abstractions.Tests.Connections;

public sealed class TokenFileTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string Token = new('t', 40);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(Owner, false)]
    [InlineData(UnixFileMode.UserRead, false)]
    [InlineData(Owner | UnixFileMode.GroupWrite | UnixFileMode.OtherExecute, false)]
    [InlineData(Owner | UnixFileMode.GroupRead, true)]
    [InlineData(Owner | UnixFileMode.OtherRead, true)]
    public void It_is_open_to_others_when_they_can_read_it(UnixFileMode mode, bool isOpen)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes do not say who may read");
        Assert.Equal(isOpen, Open(Write(mode)).IsOpenToOthers);
    }

    [Fact]
    public void Of_a_link_the_file_behind_it_counts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes do not say who may read");
        var link = Path.Combine(_files.Path, "link");
        File.CreateSymbolicLink(link, Write(Owner));

        // A link itself can be read by everybody.
        Assert.False(Open(link).IsOpenToOthers);
        Assert.True(Open(link).Has(Token));
    }

    [Fact]
    public void A_new_token_that_cannot_be_read_yet_is_taken_as_soon_as_it_can()
    {
        var (time, told) = (new FakeTimeProvider(), new List<string>());
        var path = Write(Owner);
        var file = new TokenFile(path, time, told.Add);
        var next = new string('n', 50);
        File.WriteAllText(path, next);
        using (File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            for (var i = 0; i < 3; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                Assert.True(file.Has(Token));
            }

            Assert.Single(told);
        }

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(file.Has(next));
        Assert.False(file.Has(Token));
    }

    private static TokenFile Open(string path) => new(path, new FakeTimeProvider(), static reason => Assert.Fail(reason));

    private string Write(UnixFileMode mode)
    {
        var path = Path.Combine(_files.Path, "token");
        File.WriteAllText(path, Token);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }

        return path;
    }
}
