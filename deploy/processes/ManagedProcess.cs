using System.Diagnostics;

namespace Mesh.Processes;

/// <summary>
/// A child process that ends with us. Its output goes to a ring of its last lines and, if asked for, to a file.
/// </summary>
public sealed class ManagedProcess : IAsyncDisposable
{
    /// <summary>How many lines of output are kept.</summary>
    public const int KeptLines = 500;

    /// <summary>Settings of ours that must not reach a child by accident: it would listen where its parent was told to.</summary>
    private static readonly string[] PrivatePrefixes = ["Mesh__", "ASPNETCORE_", "Kestrel__", "Logging__"];

    /// <summary>For the rest of the output after the end: a grandchild may hold the pipes open for ever.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OutputTail _output = new(KeptLines);
    private readonly TextWriter _log;

    private ManagedProcess(ProcessSpec spec)
    {
        Spec = spec;
        _log = spec.LogFile is null ? TextWriter.Null : TextWriter.Synchronized(new StreamWriter(spec.LogFile) { AutoFlush = true });
        try
        {
            _process = Lifeline.Start(StartInfo(spec));
        }
        catch
        {
            _log.Dispose();
            throw;
        }

        Id = _process.Id;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Lifeline.Watch(this);
        _process.Exited += (_, _) => _ended.TrySetResult();
        _process.EnableRaisingEvents = true;
        Exited = WaitForExit();
    }

    public ProcessSpec Spec { get; }

    public string Name => Spec.Name;

    public int Id { get; }

    public bool HasExited => Exited.IsCompleted;

    /// <summary>Completes when the process has ended and its output was read; the exit code (128 + signal number after a signal).</summary>
    public Task<int> Exited { get; }

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program, or it may not be run.</exception>
    public static ManagedProcess Start(ProcessSpec spec) => new(spec);

    /// <summary>The last lines it wrote to standard output and standard error, oldest first.</summary>
    public IReadOnlyList<string> Output(int lines = KeptLines) => _output.Last(lines);

    /// <summary>SIGKILL: it and its own children end at once, without a chance to clean up.</summary>
    public void Kill()
    {
        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
            return;
        }

        // It has no group of its own until its launcher has got that far.
        if (!Lifeline.HasOwnGroup || !Signal(UnixSignal.Kill, -Id))
        {
            Signal(UnixSignal.Kill, Id);
        }
    }

    /// <summary>SIGTERM: asks it to end. Windows has no such request; there it ends at once.</summary>
    public void Terminate()
    {
        if (OperatingSystem.IsWindows())
        {
            Kill();
            return;
        }

        Signal(UnixSignal.Terminate, Id);
    }

    /// <summary>SIGSTOP: it does nothing until <see cref="Continue"/>, but its connections stay open.</summary>
    public void Stop() => Signal(UnixSignal.Stop, Id);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal(UnixSignal.Continue, Id);

    /// <summary>Asks it to end, and ends it if it has not done so in time.</summary>
    /// <returns>Its exit code, and whether it ended by itself.</returns>
    public async Task<(int ExitCode, bool InTime)> StopAsync(TimeSpan grace)
    {
        Terminate();
        try
        {
            return (await Exited.WaitAsync(grace, TimeProvider.System), true);
        }
        catch (TimeoutException)
        {
            Kill();
            return (await Exited, false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited;
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(ProcessSpec spec)
    {
        var start = new ProcessStartInfo(spec.FileName, spec.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = spec.WorkingDirectory ?? "",
        };
        foreach (var name in start.Environment.Keys.Where(IsPrivate).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static bool IsPrivate(string variable) =>
        PrivatePrefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <param name="target">The process, or its group as a negative number (kill(2)).</param>
    /// <returns>False when it has ended, or there is no such group.</returns>
    private bool Signal(int signal, int target) => !_ended.Task.IsCompleted && UnixSignal.Send(target, signal);

    private async Task<int> WaitForExit()
    {
        await _ended.Task.ConfigureAwait(false);
        Lifeline.Forget(this);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(OutputGrace, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _process.CancelOutputRead();
            _process.CancelErrorRead();
        }

        await _log.DisposeAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Add(line);
        try
        {
            _log.WriteLine(line);
        }
        catch (ObjectDisposedException)
        {
            // A grandchild still writes; the log ended with the process.
        }
    }
}
