using System.Globalization;

namespace Mesh.Quickstart.Ports;

/// <summary>
/// Who listens on a port, as far as this user may know. Linux lists sockets in <c>/proc/net/tcp</c> (proc(5)); a
/// process shows its sockets only to its own user and to root.
/// </summary>
internal static class PortOwner
{
    private const string Unknown = "another process";
    private const string Listening = "0A";

    public static string Describe(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Unknown;
        }

        try
        {
            return FindInode(port) is { } inode && FindProcess(inode) is { } process ? process : Unknown;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }

    private static string? FindInode(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            foreach (var line in File.Exists(table) ? File.ReadLines(table).Skip(1) : [])
            {
                // "sl local_address rem_address st ... inode", separated by blanks; the inode is the tenth field.
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(suffix, StringComparison.Ordinal))
                {
                    return fields[9];
                }
            }
        }

        return null;
    }

    private static string? FindProcess(string inode)
    {
        var socket = $"socket:[{inode}]";
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                && Holds(folder, socket))
            {
                return $"{File.ReadAllText(Path.Combine(folder, "comm")).Trim()} (pid {processId})";
            }
        }

        return null;
    }

    private static bool Holds(string processFolder, string socket)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(processFolder, "fd"))
                .Any(descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name == socket);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
