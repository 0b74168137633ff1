using System.ComponentModel;
using System.Diagnostics;

namespace Mesh.Proxy.Tests.Clients;

/// <summary>Runs programs that others wrote against the proxy. A test whose program is missing is skipped and says what to install.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="package">The package that has it in Debian and Ubuntu.</param>
    public static Task<ToolResult> RunAsync(string program, string package, params IEnumerable<string> arguments) =>
        RunAsync(program, $"{program} is not installed. On Debian and Ubuntu: apt-get install {package}", workingDirectory: "", arguments);

    /// <summary>Runs one of the scripts in Clients/node to its end.</summary>
    public static async Task<ToolResult> RunScriptAsync(string script, params IEnumerable<string> arguments)
    {
        var folder = Path.Combine(RepositoryRoot(), "tests", "Mesh.Proxy.Tests", "Clients", "node");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(folder, "node_modules")), "The clients in Node.js are not installed: run npm ci in tests/Mesh.Proxy.Tests/Clients/node");
        return await RunAsync("node", "node is not installed. On Debian and Ubuntu: apt-get install nodejs npm", folder, arguments.Prepend(script));
    }

    private static async Task<ToolResult> RunAsync(string program, string howToInstall, string workingDirectory, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };

        // What the machine's environment says of proxies is not meant for these.
        foreach (var name in (string[])["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"])
        {
            start.Environment.Remove(name);
        }

        using var process = Start(start);
        if (process is null)
        {
            Assert.Skip(howToInstall);
        }

        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit.TotalSeconds} s");
        }
    }

    private static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mesh.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} has Mesh.sln");
    }
}
