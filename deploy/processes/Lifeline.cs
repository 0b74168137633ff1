using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mesh.Processes;

/// <summary>
/// Ties children to this process: they end when it ends, however it ends, and they do not get the terminal's
/// Ctrl-C, so that we decide in which order they stop.
/// On Linux <c>setpriv --pdeathsig</c> has the kernel kill the child when we are gone, and <c>setsid</c> takes it off
/// our terminal (both in util-linux). Elsewhere, or where they are missing, an orderly exit of ours ends the children.
/// </summary>
internal static class Lifeline
{
    /// <summary>
    /// What starts a child. The kernel forgets to kill it if we die between the fork and <c>setpriv</c>; by then it has
    /// another parent, so the shell looks (<c>$0</c> is our id) before it becomes the program.
    /// </summary>
    private static readonly string[] Launcher =
    [
        "setsid", "setpriv", "--pdeathsig", "KILL", "--",
        "sh", "-c", """test "$PPID" = "$0" && exec "$@" """, $"{Environment.ProcessId}",
    ];

    private static readonly Lazy<bool> HasLauncher = new(TryLauncher);
    private static readonly ConcurrentDictionary<ManagedProcess, bool> Living = new();
    private static readonly BlockingCollection<Action> Spawns = [];

    static Lifeline()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (var process in Living.Keys)
            {
                process.Kill();
            }
        };

        // The kernel's "parent" is the thread that forked, not the process: children started by a pool thread
        // would be killed when the pool retires it.
        new Thread(() =>
        {
            foreach (var spawn in Spawns.GetConsumingEnumerable())
            {
                spawn();
            }
        })
        { IsBackground = true, Name = "process starter" }.Start();
    }

    /// <summary>Whether each child leads a process group of its own.</summary>
    public static bool HasOwnGroup => HasLauncher.Value;

    public static Process Start(ProcessStartInfo start)
    {
        if (HasLauncher.Value)
        {
            List<string> arguments = [.. Launcher[1..], start.FileName, .. start.ArgumentList];
            start.FileName = Launcher[0];
            start.ArgumentList.Clear();
            arguments.ForEach(start.ArgumentList.Add);
        }

        return Spawn(start);
    }

    public static void Watch(ManagedProcess process) => Living[process] = true;

    public static void Forget(ManagedProcess process) => Living.TryRemove(process, out _);

    private static Process Spawn(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Spawns.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static bool TryLauncher()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            // BusyBox has a setpriv without --pdeathsig, so asking whether the file exists is not enough.
            using var trial = Process.Start(new ProcessStartInfo(Launcher[0], [.. Launcher[1..], "true"])
            {
                RedirectStandardError = true,
            })!;
            trial.WaitForExit();
            return trial.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
