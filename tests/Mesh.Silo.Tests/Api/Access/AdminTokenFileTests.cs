using Mesh.Silo.Api.Access;
using Mesh.Silo.Hosting;
using Mesh.Silo.Tests.Store;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Silo.Tests.Api.Access;

public sealed class AdminTokenFileTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLog _log = new(typeof(AdminTokenFile).FullName!);
    private readonly LoggerFactory _loggers;

    public AdminTokenFileTests() => _loggers = new LoggerFactory([_log]);

    private string FilePath => Path.Combine(_directory.Data, "deep", "admin.token");

    public void Dispose()
    {
        _loggers.Dispose();
        _directory.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_made_for_its_user_only_and_stays()
    {
        var file = Open();
        var token = (await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken)).Trim();

        Assert.Equal(64, token.Length);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(FilePath) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal("admin", (await file.Find(token, Cancel))!.Name);
        Assert.NotNull(await Open().Find(token, Cancel));
        Assert.Null(await file.Find(token[..^1], Cancel));
        Assert.Null(await file.Find("", Cancel));
    }

    [Fact]
    public async Task A_change_counts_within_a_second_and_one_that_cannot_be_used_does_not()
    {
        var file = Open();
        var token = (await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken)).Trim();
        var next = new string('n', 40);
        Write(next, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await file.Find(next, Cancel));
        Assert.Null(await file.Find(token, Cancel));

        Write("short", 20);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await file.Find(next, Cancel));
        Assert.Null(await file.Find("short", Cancel));
    }

    [Fact]
    public async Task A_link_to_another_directory_is_a_change()
    {
        // As Kubernetes mounts secrets: the file is a link through a link, and only the latter is ever replaced.
        var root = Directory.CreateDirectory(Path.Combine(_directory.Data, "deep")).FullName;
        var (first, second) = (new string('f', 40), new string('s', 40));
        foreach (var (name, token) in new[] { ("one", first), ("two", second) })
        {
            Directory.CreateDirectory(Path.Combine(root, name));
            await File.WriteAllTextAsync(Path.Combine(root, name, "admin.token"), token, TestContext.Current.CancellationToken);
        }

        File.SetLastWriteTimeUtc(Path.Combine(root, "two", "admin.token"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Directory.CreateSymbolicLink(Path.Combine(root, "data"), "one");
        File.CreateSymbolicLink(FilePath, Path.Combine("data", "admin.token"));
        var file = Open();
        Assert.NotNull(await file.Find(first, Cancel));

        var linkedAt = File.GetLastWriteTimeUtc(FilePath);
        Directory.Delete(Path.Combine(root, "data"));
        Directory.CreateSymbolicLink(Path.Combine(root, "data"), "two");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(linkedAt, File.GetLastWriteTimeUtc(FilePath));
        Assert.NotNull(await file.Find(second, Cancel));
        Assert.Null(await file.Find(first, Cancel));
    }

    [Fact]
    public void A_file_that_others_can_read_is_named_with_how_to_mend_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes do not say there who may read");
        Open();
        Assert.DoesNotContain(_log.Lines, IsWarning);

        foreach (var mode in (UnixFileMode[])[UnixFileMode.GroupRead, UnixFileMode.OtherRead])
        {
            SetMode(UnixFileMode.UserRead | mode);
            Open();
        }

        Assert.Equal(2, _log.Lines.Count(IsWarning));

        bool IsWarning((string Text, IReadOnlyDictionary<string, object?> Fields) line) => line.Text.EndsWith($"chmod 600 {FilePath}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("two tokens of which each would be long enough")]
    [InlineData("")]
    public void What_is_no_token_is_refused_at_the_start(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        Write(text, 0);

        var exception = Assert.Throws<SiloStartException>(Open);
        Assert.Contains("Mesh:Api:Auth:AdminTokenFile", exception.Message, StringComparison.Ordinal);
    }

    private AdminTokenFile Open() => AdminTokenFile.Open(FilePath, _time, _loggers.CreateLogger<AdminTokenFile>());

    private void SetMode(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FilePath, mode);
        }
    }

    private void Write(string text, int second)
    {
        File.WriteAllText(FilePath, text);
        File.SetLastWriteTimeUtc(FilePath, new DateTime(2030, 1, 1, 0, 0, second, DateTimeKind.Utc));
    }
}
