using System.Text.RegularExpressions;

namespace Mesh.EndToEnd.Tests.Regions;

/// <summary>Reads what processes wrote for what no fault excuses.</summary>
internal static partial class ProcessLogs
{
    /// <returns>The lines, each with its file.</returns>
    public static IReadOnlyList<string> Problems(string directory) =>
    [
        .. Directory.GetFiles(directory, "*.log").Order(StringComparer.Ordinal)
            .SelectMany(file => File.ReadLines(file).Where(IsUnexpected).Take(5).Select(line => $"{Path.GetFileName(file)}: {Shorten(line)}")),
    ];

    /// <summary>The last lines of each process, without those of requests that were refused, which are many.</summary>
    public static string Tail(string directory, int lines) => string.Join(Environment.NewLine, Directory.GetFiles(directory, "*.log").Order(StringComparer.Ordinal)
        .Select(file => $"-- {Path.GetFileName(file)}{Environment.NewLine}{string.Join(Environment.NewLine, File.ReadLines(file).Where(IsTelling).TakeLast(lines).Select(Shorten))}"));

    private static bool IsUnexpected(string line) => Unexpected().IsMatch(line);

    private static bool IsTelling(string line) => !line.Contains("could not be answered", StringComparison.Ordinal);

    private static string Shorten(string line) => line.Length > 500 ? line[..500] + "..." : line;

    /// <summary>
    /// What ends a process by itself, and errors of our own code. Orleans reports as errors what a fault is meant to do:
    /// grains that cannot be activated without Redis, calls to silos that are gone.
    /// </summary>
    [GeneratedRegex(@"Unhandled exception|Stack overflow|Out of memory|^[0-9:.]+ crit: |^[0-9:.]+ fail: Mesh\.")]
    private static partial Regex Unexpected();
}
