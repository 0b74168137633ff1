using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Testing;

/// <summary>A real redis-server process on loopback, with its files in a directory of its own, and the ways it may fail.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-redis-");
    private readonly bool _appendOnly;
    private Process? _process;
    private bool _disposed;

    private RedisServer(bool appendOnly) => _appendOnly = appendOnly;

    public int Port { get; } = FreePort.Next();

    /// <summary>A StackExchange.Redis connection string.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <param name="appendOnly">Keeps every write on disk, so that it outlives a <see cref="Restart"/>.</param>
    /// <exception cref="InvalidOperationException">redis-server is not installed, or does not start.</exception>
    public static async Task<RedisServer> Start(bool appendOnly = false)
    {
        var server = new RedisServer(appendOnly);
        try
        {
            await server.Run();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL; the port refuses connections from then on.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Kills it if it runs, and starts it again on the same port, with what it kept on disk.</summary>
    public async Task Restart()
    {
        Kill();
        await Run();
    }

    /// <summary>Kills it if it runs, and starts it again on the same port with nothing: its disk was lost.</summary>
    public async Task RestartEmpty()
    {
        Kill();
        _directory.Delete(recursive: true);
        _directory.Create();
        await Run();
    }

    /// <summary>Copies what it has on disk at this moment.</summary>
    /// <returns>The copy, for <see cref="RestartFrom"/>, which the caller deletes.</returns>
    public DirectoryInfo CopyFiles()
    {
        var copy = Directory.CreateTempSubdirectory("mesh-redis-copy-");
        Copy(_directory, copy);
        return copy;
    }

    /// <summary>
    /// Kills it if it runs, and starts it again on the same port with an older copy of its files: what has been written
    /// since is lost, as after a failover to a replica that lagged.
    /// </summary>
    public async Task RestartFrom(DirectoryInfo copy)
    {
        Kill();
        _directory.Delete(recursive: true);
        _directory.Create();
        Copy(copy, _directory);
        await Run();
    }

    /// <summary>Sends one command, such as <c>CONFIG SET maxmemory 1mb</c>, word by word.</summary>
    /// <returns>The first line of the reply.</returns>
    /// <exception cref="InvalidOperationException">The server refused it.</exception>
    public async Task<string> Command(params string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join(' ', words) + "\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var reply = await reader.ReadLineAsync() ?? "";
        return reply.StartsWith('-') ? throw new InvalidOperationException($"{string.Join(' ', words)}: {reply}") : reply;
    }

    /// <summary>SIGSTOP: connections stay, nothing is answered.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal("CONT");

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Kill();
            _directory.Delete(recursive: true);
        }
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (var file in from.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to.FullName, Path.GetRelativePath(from.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            file.CopyTo(target);
        }
    }

    private async Task Run()
    {
        string[] arguments =
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _directory.FullName,
            "--save", "", "--appendonly", _appendOnly ? "yes" : "no", "--appendfsync", "always",
            "--logfile", Path.Combine(_directory.FullName, "redis.log"),
        ];
        try
        {
            _process = Process.Start(new ProcessStartInfo("redis-server", arguments) { UseShellExecute = false });
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException(
                "These tests need redis-server. On Debian and Ubuntu: apt-get install redis-server", exception);
        }

        await Eventually.Holds($"redis-server answers on port {Port}", Answers);
    }

    private async Task<bool> Answers()
    {
        if (_process!.HasExited)
        {
            // A TimeoutException is not asked again.
            throw new TimeoutException($"redis-server ended: {await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "redis.log"))}");
        }

        return await Command("PING") == "+PONG";
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-server could not be sent SIG{name}");
        }
    }
}
