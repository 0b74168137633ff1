namespace Mesh.Benchmarks.Cost;

/// <summary>Programs of the distribution. Debian keeps servers in <c>/usr/sbin</c>, which users' PATHs often lack.</summary>
internal static class Tool
{
    /// <returns>The program's path; null when it is not installed.</returns>
    public static string? Find(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
        .Split(':')
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
