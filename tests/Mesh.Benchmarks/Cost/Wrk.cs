using System.Globalization;
using System.Text.RegularExpressions;
using Mesh.Processes;

namespace Mesh.Benchmarks.Cost;

/// <summary>A run of the load generator wrk: two threads, 64 connections kept alive.</summary>
internal static partial class Wrk
{
    public static async Task<WrkResult> Run(Uri address, string host, TimeSpan duration)
    {
        await using var process = ManagedProcess.Start(new ProcessSpec
        {
            Name = "wrk",
            FileName = Tool.Find("wrk")!,
            Arguments = ["-t2", "-c64", $"-d{duration.TotalSeconds:0}s", "--latency", "-H", $"Host: {host}", address.ToString()],
        });
        var exitCode = await process.Exited;
        var output = string.Join('\n', process.Output());
        if (exitCode != 0 || !RequestsLine().IsMatch(output))
        {
            throw new InvalidOperationException($"wrk ended with exit code {exitCode}: {output}");
        }

        return new WrkResult(
            Number(RequestsLine(), output),
            RateLine().Match(output) is { Success: true } rate ? double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
            Milliseconds(LatencyLine().Match(output)),
            Number(RefusalsLine(), output) + SocketErrors(output));
    }

    private static long Number(Regex line, string output) =>
        line.Match(output) is { Success: true } match ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static long SocketErrors(string output) => ErrorsLine().Match(output) is { Success: true } match
        ? match.Groups.Values.Skip(1).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture))
        : 0;

    private static double Milliseconds(Match match) =>
        double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
        {
            "us" => 0.001,
            "ms" => 1,
            _ => 1000,
        };

    [GeneratedRegex(@"(\d+) requests in ")]
    private static partial Regex RequestsLine();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RateLine();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex LatencyLine();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex RefusalsLine();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex ErrorsLine();
}
