using Mesh.Processes;

namespace Mesh.Testing.Processes;

/// <summary>A started silo or proxy: its process, its ready check, and a restart with the same settings.</summary>
public abstract class MeshProcess : IAsyncDisposable
{
    /// <summary>What a slow, busy machine may need for a start.</summary>
    public static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory? _temporary;
    private readonly ProcessSpec _spec;
    private readonly string? _logDirectory;
    private int _starts;

    private protected MeshProcess(string name, string assembly, ProcessSurroundings surroundings, Func<string, IEnumerable<string>> arguments)
    {
        _temporary = surroundings.DataDirectory is null ? new TemporaryDirectory() : null;
        DataDirectory = surroundings.DataDirectory ?? _temporary!.Path;
        _logDirectory = surroundings.LogDirectory;
        _spec = ProcessSpec.DotNet(name, assembly, arguments(DataDirectory)) with { Environment = surroundings.Environment };
        Process = Run();
    }

    public ManagedProcess Process { get; private set; }

    public string DataDirectory { get; }

    private protected abstract HttpClient ReadyClient { get; }

    /// <summary>Waits until <c>/readyz</c> answers 200.</summary>
    /// <exception cref="InvalidOperationException">The process ended instead; the message has its last lines.</exception>
    public async Task WaitReady(TimeSpan? deadline = null)
    {
        var process = Process;
        var ended = false;
        try
        {
            await Eventually.Holds(
                $"{process.Name} is ready",
                async () =>
                {
                    ended = process.HasExited;
                    return ended || await IsReady();
                },
                deadline ?? StartDeadline);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(Describe(exception.Message), exception);
        }

        if (ended)
        {
            throw new InvalidOperationException(Describe($"{process.Name} ended with exit code {await process.Exited} instead of being ready"));
        }
    }

    /// <summary>Whether <c>/readyz</c> answers 200 now.</summary>
    public async Task<bool> IsReady()
    {
        try
        {
            using var answer = await ReadyClient.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL, and waits for the end.</summary>
    public async Task Kill()
    {
        Process.Kill();
        await Process.Exited;
    }

    /// <summary>Starts it again, after it has ended, with the same settings and data. Does not wait for it to be ready.</summary>
    public async Task Start()
    {
        await Process.DisposeAsync();
        Process = Run();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        DisposeClients();
        _temporary?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Command line arguments: Mesh's own settings that are set, and others.</summary>
    internal static IEnumerable<string> Arguments(
        IEnumerable<(string Key, string? Value)> settings, IReadOnlyDictionary<string, string> more) =>
    [
        .. settings.Where(setting => setting.Value is not null).Select(setting => $"--Mesh:{setting.Key}={setting.Value}"),
        .. more.Select(setting => $"--{setting.Key}={setting.Value}"),
    ];

    private protected static HttpClient Client(int port) =>
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(30),
        };

    private protected abstract void DisposeClients();

    private ManagedProcess Run() => ManagedProcess.Start(_logDirectory is null
        ? _spec
        : _spec with { LogFile = Path.Combine(_logDirectory, $"{_spec.Name}.{++_starts}.log") });

    private string Describe(string message) =>
        $"{message}; its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, Process.Output(40))}";
}
