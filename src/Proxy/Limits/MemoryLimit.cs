using System.Globalization;

namespace Mesh.Proxy.Limits;

/// <summary>
/// How much memory the process may have. The garbage collector says so of its heap: in a container that is three quarters
/// of the container's limit, which says nothing of when the process is ended for having too much.
/// </summary>
internal static class MemoryLimit
{
    /// <summary>The limit of the container's control group, in bytes, or <c>max</c> (Linux, cgroup v2).</summary>
    private const string ContainerFile = "/sys/fs/cgroup/memory.max";

    /// <returns>In bytes.</returns>
    public static long Read() => Of(ReadContainer(), GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes);

    /// <param name="container">What the container's file says; null when there is none.</param>
    /// <param name="heap">What the garbage collector may have, in bytes.</param>
    internal static long Of(string? container, long heap)
    {
        // A heap that may have far less than the container's three quarters has a limit of its own: a smaller machine's,
        // or one that somebody has set.
        return long.TryParse(container, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 && bytes / 3 * 2 <= heap
            ? bytes
            : heap;
    }

    private static string? ReadContainer()
    {
        try
        {
            return File.ReadAllText(ContainerFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
