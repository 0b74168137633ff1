namespace Mesh.Abstractions.Connections;

/// <summary>What tells whether a file has been replaced: another one behind its links, or another time or length.</summary>
public readonly record struct FileStamp(string Target, DateTime WrittenAt, long Length)
{
    /// <summary>
    /// Follows links, as Kubernetes mounts secrets: <c>tls.crt</c> is a link that never changes, to a directory that is swapped.
    /// <see cref="File.GetLastWriteTimeUtc(string)"/> alone tells when the link was made.
    /// </summary>
    /// <exception cref="IOException">Links lead in a circle, or the disk does not answer.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static FileStamp Of(string path)
    {
        FileSystemInfo file = new FileInfo(path);
        file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return file is FileInfo { Exists: true } found ? new FileStamp(found.FullName, found.LastWriteTimeUtc, found.Length) : default;
    }
}
