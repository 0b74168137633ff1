using Mesh.Processes;
using Mesh.Quickstart.Events;

namespace Mesh.Quickstart.Fleet;

/// <summary>The processes of one run, in groups: a group is stopped together, after every group started later.</summary>
internal sealed class ProcessFleet(EventLog events, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What a process gets to stop by itself; a sidecar drains its application meanwhile.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly List<List<ManagedProcess>> _groups = [];
    private readonly TaskCompletionSource<ManagedProcess> _firstDeath = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    /// <summary>Whether a process has ended that nobody asked to.</summary>
    public bool HasDeaths => _firstDeath.Task.IsCompleted;

    public IEnumerable<ManagedProcess> Processes => _groups.SelectMany(group => group);

    public void StartGroup(params IEnumerable<ProcessSpec> specs)
    {
        var group = new List<ManagedProcess>();
        _groups.Add(group);
        foreach (var spec in specs)
        {
            var process = ManagedProcess.Start(spec);
            group.Add(process);
            _ = Watch(process);
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    /// <exception cref="QuickstartException">A process died meanwhile, or it took too long.</exception>
    public async Task Until(string what, Func<CancellationToken, Task<bool>> probe, TimeSpan deadline, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (!await probe(stop))
        {
            if (HasDeaths)
            {
                var process = await _firstDeath.Task;
                throw new QuickstartException($"{process.Name} ended while waiting for {what}. Its whole log: {process.Spec.LogFile}");
            }

            if (time.GetElapsedTime(started) > deadline)
            {
                throw new QuickstartException($"{what}: not within {deadline.TotalSeconds:0} s.");
            }

            await Task.Delay(PollInterval, time, stop);
        }
    }

    /// <summary>Stops all, the last group first. Bounded: what does not stop in time is killed.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        foreach (var group in Enumerable.Reverse(_groups))
        {
            await Task.WhenAll(group.Where(process => !process.HasExited).Select(Stop));
        }
    }

    public void KillAll()
    {
        _isStopping = true;
        foreach (var process in Processes)
        {
            process.Kill();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        foreach (var process in Processes)
        {
            await process.DisposeAsync();
        }
    }

    private async Task Stop(ManagedProcess process)
    {
        var started = time.GetTimestamp();
        var (exitCode, inTime) = await process.StopAsync(StopGrace);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        events.Write(inTime
            ? $"{process.Name} stopped after {seconds:0.0} s (exit code {exitCode})"
            : $"{process.Name} did not stop within {StopGrace.TotalSeconds:0} s and was killed");
    }

    private async Task Watch(ManagedProcess process)
    {
        var exitCode = await process.Exited;
        if (!_isStopping)
        {
            var output = process.Output(lines: 10);
            var rest = output.Count == 0 ? "it wrote nothing" : "its last lines:";
            events.Write($"{process.Name} (pid {process.Id}) died with exit code {exitCode}; {rest}", output);
            _firstDeath.TrySetResult(process);
        }
    }
}
