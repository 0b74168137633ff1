using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Snapshots;
using Mesh.Testing.Processes;

namespace Mesh.Proxy.Tests.Snapshots;

public sealed class SnapshotFileTests : IDisposable
{
    private static readonly ServiceName Web = new("shop", "web");
    private static readonly EncodedSnapshot Snapshot = EncodedSnapshot.From(new ServiceSnapshot
    {
        Service = Web,
        Revision = 7,
        Spec = new ServiceSpec { Hosts = ["größe.example"] },
    });

    private readonly TemporaryDirectory _directory = new();

    private string FilePath => Path.Combine(_directory.Path, SnapshotFile.NameOf(Web));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        SnapshotFile.Write(_directory.Path, Snapshot);

        var (read, decoded) = SnapshotFile.Read(FilePath);

        Assert.Equal(["größe.example"], decoded.Spec!.Hosts);
        Assert.Equal((Snapshot.Service, Snapshot.Version), (read.Service, read.Version));
        Assert.Equal(Snapshot.Json.Value, read.Json.Value);
    }

    [Fact]
    public void A_newer_one_replaces_an_older_and_leaves_nothing_behind()
    {
        SnapshotFile.Write(_directory.Path, Snapshot);
        SnapshotFile.Write(_directory.Path, EncodedSnapshot.From(new ServiceSnapshot { Service = Web, Revision = 8 }));

        Assert.Equal(8, SnapshotFile.Read(FilePath).Encoded.Version.Revision);
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_torn_or_altered_file_is_refused_wherever_it_was_damaged()
    {
        SnapshotFile.Write(_directory.Path, Snapshot);
        var whole = File.ReadAllBytes(FilePath);

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<InvalidDataException>(() => SnapshotFile.Read(FilePath));
        }

        for (var position = Array.IndexOf(whole, (byte)'\n') + 1; position < whole.Length; position++)
        {
            var altered = (byte[])whole.Clone();
            altered[position] ^= 1;
            File.WriteAllBytes(FilePath, altered);
            Assert.Throws<InvalidDataException>(() => SnapshotFile.Read(FilePath));
        }
    }

    [Theory]
    [InlineData(" 7 ", " 8 ")]
    [InlineData(" 7 ", " 6 ")]
    [InlineData(" 7 ", " -7 ")]
    [InlineData("shop/web", "shop/api")]
    [InlineData("shop/web", "../../web")]
    [InlineData("mesh-snapshot 1", "mesh-snapshot 2")]
    public void A_first_line_of_something_else_is_refused(string written, string altered)
    {
        SnapshotFile.Write(_directory.Path, Snapshot);
        var text = File.ReadAllText(FilePath);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        File.WriteAllText(FilePath, text[..end].Replace(written, altered, StringComparison.Ordinal) + text[end..]);

        Assert.Throws<InvalidDataException>(() => SnapshotFile.Read(FilePath));
    }

    [Fact]
    public void The_file_of_another_service_is_refused()
    {
        SnapshotFile.Write(_directory.Path, Snapshot);
        var other = Path.Combine(_directory.Path, SnapshotFile.NameOf(new ServiceName("shop", "api")));
        File.Move(FilePath, other);

        Assert.Throws<InvalidDataException>(() => SnapshotFile.Read(other));
    }

    [Fact]
    public void A_link_is_refused()
    {
        SnapshotFile.Write(_directory.Path, Snapshot);
        var target = Path.Combine(_directory.Path, "elsewhere");
        File.Move(FilePath, target);
        File.CreateSymbolicLink(FilePath, target);

        Assert.Throws<InvalidDataException>(() => SnapshotFile.Read(FilePath));
    }
}
