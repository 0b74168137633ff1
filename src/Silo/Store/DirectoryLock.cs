namespace Mesh.Silo.Store;

/// <summary>
/// Keeps a second silo out of a data directory: two servers would write the same files and neither would notice. The
/// operating system frees the lock with the process, however that ends.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(string directory, FileStream file)
    {
        Directory = directory;
        _file = file;
    }

    /// <summary>The full path.</summary>
    public string Directory { get; }

    /// <summary>Makes the directory, for this user only, where there is none.</summary>
    /// <exception cref="StoreStartException">It is in use, or this process may not use it.</exception>
    public static DirectoryLock Take(string directory)
    {
        var path = Path.GetFullPath(directory);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                System.IO.Directory.CreateDirectory(path);
            }
            else
            {
                System.IO.Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, exception);
        }

        try
        {
            return new DirectoryLock(path, new FileStream(
                Path.Combine(path, "silo.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Unusable(path, exception);
        }
        catch (IOException exception)
        {
            throw new StoreStartException(
                $"Another silo uses the data directory {path}. Stop it, give this one a directory of its own in Mesh:DataDirectory, " +
                $"or let both share a server named in Mesh:Redis. ({exception.Message})",
                exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static StoreStartException Unusable(string path, Exception exception) =>
        new($"The data directory {path} cannot be used: {exception.Message} Make it writable, or name another in Mesh:DataDirectory.", exception);
}
