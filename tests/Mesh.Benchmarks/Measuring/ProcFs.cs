using System.Globalization;

namespace Mesh.Benchmarks.Measuring;

/// <summary>What Linux knows of a process (proc(5)).</summary>
internal static class ProcFs
{
    /// <summary>The unit of CPU times in <c>/proc</c>: <c>USER_HZ</c>, 100 on every Linux port .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of CPU (user and system) that a process and its children have used so far.</summary>
    public static double CpuSeconds(int processId) =>
        OwnCpuSeconds(processId) + Children(processId).Sum(CpuSeconds);

    /// <summary>Resident memory in MB (2^20 bytes).</summary>
    public static double ResidentMegabytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024;
    }

    private static double OwnCpuSeconds(int processId)
    {
        // "pid (name) state ppid ...": the name may hold blanks and parentheses, so count from its end. utime and stime
        // are fields 14 and 15 of the line, 11 and 12 after the name.
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture))
            / TicksPerSecond;
    }

    private static IEnumerable<int> Children(int processId) =>
        File.ReadAllText($"/proc/{processId}/task/{processId}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));
}
