using Mesh.Quickstart.Fleet;
using Mesh.Quickstart.Options;
using Mesh.Testing.Processes;

namespace Mesh.Quickstart.Tests.Fleet;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Starts_afresh_and_deletes_nothing_but_its_own()
    {
        var others = Path.Combine(_directory.Path, "mine.txt");
        File.WriteAllText(others, "");
        var old = Path.Combine(Prepare(keep: false).DataOf("silo"), "state");
        File.WriteAllText(old, "");

        Prepare(keep: false);

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(others));
    }

    [Fact]
    public void Keeps_data_when_asked_to()
    {
        var old = Path.Combine(Prepare(keep: false).DataOf("silo"), "state");
        File.WriteAllText(old, "");

        Prepare(keep: true);

        Assert.True(File.Exists(old));
    }

    [Fact]
    public void A_temporary_directory_is_left_only_after_a_failure()
    {
        var options = new QuickstartOptions { FreePorts = true };
        var good = RunDirectory.Prepare(options, apiPort: 1);
        var bad = RunDirectory.Prepare(options, apiPort: 1);

        good.Leave(isFailed: false);
        bad.Leave(isFailed: true);

        Assert.False(Directory.Exists(good.Path));
        Assert.True(Directory.Exists(bad.Path));
        Directory.Delete(bad.Path, recursive: true);
    }

    public void Dispose() => _directory.Dispose();

    private RunDirectory Prepare(bool keep) => RunDirectory.Prepare(new QuickstartOptions { Directory = _directory.Path, Keep = keep }, apiPort: 1);
}
