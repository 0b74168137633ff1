using System.Globalization;
using Mesh.Processes;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Quickstart.Tests;

/// <summary>The program itself, as a process: what becomes of its children when it ends.</summary>
public sealed class QuickstartProcessTests : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _directory = new();

    public static bool IsLinux => OperatingSystem.IsLinux();

    [Fact(SkipUnless = nameof(IsLinux), Skip = "reads /proc")]
    public async Task Its_children_do_not_survive_its_sudden_death()
    {
        await using var quickstart = Start();
        var children = await Children(quickstart);

        quickstart.Kill();
        await quickstart.Exited.WaitAsync(Grace);

        await Eventually.Holds("all children are gone", () => !children.Any(IsAlive), Grace);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "reads /proc")]
    public async Task Stops_its_children_when_asked_to_stop_while_starting()
    {
        await using var quickstart = Start();
        var children = await Children(quickstart);

        var (exitCode, inTime) = await quickstart.StopAsync(Grace);

        Assert.True(inTime, string.Join('\n', quickstart.Output()));
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain(children, IsAlive);
    }

    public void Dispose() => _directory.Dispose();

    private ManagedProcess Start() =>
        ManagedProcess.Start(ProcessSpec.DotNet("quickstart", Program(), "--free-ports", "--directory", _directory.Path));

    /// <summary>The program in its own output folder: only there does it know where the programs it starts are.</summary>
    private static string Program()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "../../../../../deploy/quickstart/bin", configuration, "net10.0/Mesh.Quickstart.dll"));
    }

    /// <summary>The silo and the four samples, which it starts first.</summary>
    private static async Task<int[]> Children(ManagedProcess quickstart)
    {
        return await Eventually.Yields("five children run", () => Task.FromResult(Running() is { Length: >= 5 } running ? running : null), Grace);

        int[] Running() =>
        [
            .. Directory.EnumerateDirectories($"/proc/{quickstart.Id}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>A zombie is dead: its parent has gone, or has not looked yet.</summary>
    private static bool IsAlive(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Split(") ")[1][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
