using Mesh.Processes;
using Mesh.Testing;
using Mesh.Testing.Processes;

namespace Mesh.Quickstart.Tests.Processes;

public sealed class ManagedProcessTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public static bool IsUnix => !OperatingSystem.IsWindows();

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task Tells_the_exit_code_and_keeps_the_output()
    {
        using var directory = new TemporaryDirectory();
        var log = Path.Combine(directory.Path, "log");
        await using var process = ManagedProcess.Start(Shell("echo one; echo two >&2; exit 3") with { LogFile = log });

        Assert.Equal(3, await process.Exited.WaitAsync(Grace));
        Assert.Equal(["one", "two"], process.Output().Order());
        Assert.Equal(["one", "two"], File.ReadAllLines(log).Order());
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task Keeps_only_the_last_lines()
    {
        await using var process = ManagedProcess.Start(Shell("i=0; while [ $i -lt 600 ]; do echo $i; i=$((i+1)); done"));
        await process.Exited.WaitAsync(Grace);

        Assert.Equal(ManagedProcess.KeptLines, process.Output().Count);
        Assert.Equal(["598", "599"], process.Output(lines: 2));
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task Stopping_asks_first()
    {
        await using var process = ManagedProcess.Start(Shell("trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
        await Eventually.Holds("the shell is ready", () => process.Output().Contains("ready"));

        Assert.Equal((7, true), await process.StopAsync(Grace));
        Assert.Contains("asked", process.Output());
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task Stopping_kills_what_does_not_listen()
    {
        await using var process = ManagedProcess.Start(Shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"));
        await Eventually.Holds("the shell is ready", () => process.Output().Contains("ready"));

        Assert.Equal((137, false), await process.StopAsync(TimeSpan.FromMilliseconds(300)));
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task Its_end_is_seen_although_a_child_of_it_holds_its_output_open()
    {
        await using var process = ManagedProcess.Start(Shell("sleep 3 & echo started; exit 4"));

        Assert.Equal(4, await process.Exited.WaitAsync(Grace));
        Assert.Equal(["started"], process.Output());
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task A_stopped_process_goes_on_after_continue()
    {
        await using var process = ManagedProcess.Start(Shell("while :; do echo tick; sleep 0.05; done"));
        await Eventually.Holds("it ticks", () => process.Output().Count > 0);

        process.Stop();
        await Eventually.Holds("it is stopped", () => State(process) == "T");
        process.Continue();

        await Eventually.Holds("it runs again", () => State(process) != "T");
    }

    [Fact(SkipUnless = nameof(IsUnix), Skip = "needs a Unix shell")]
    public async Task Settings_of_ours_do_not_reach_children_by_accident()
    {
        Environment.SetEnvironmentVariable("Mesh__Api__Url", "http://127.0.0.1:1");
        try
        {
            await using var process = ManagedProcess.Start(Shell("env") with { Environment = new Dictionary<string, string?> { ["Mesh__Zone"] = "a" } });
            await process.Exited.WaitAsync(Grace);

            Assert.Equal(["Mesh__Zone=a"], process.Output().Where(line => line.StartsWith("Mesh__", StringComparison.Ordinal)));
        }
        finally
        {
            Environment.SetEnvironmentVariable("Mesh__Api__Url", null);
        }
    }

    private static string State(ManagedProcess process) => File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[1].Split(' ')[0];

    private static ProcessSpec Shell(string script) => new() { Name = "shell", FileName = "sh", Arguments = ["-c", script] };
}
