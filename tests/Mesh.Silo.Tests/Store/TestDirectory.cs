namespace Mesh.Silo.Tests.Store;

/// <summary>A directory that goes away with the test.</summary>
internal sealed class TestDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-silo-");

    /// <summary>A path in it at which nothing is yet.</summary>
    public string Data => Path.Combine(_directory.FullName, "data");

    /// <summary>Copies the files as they are on disk now: what a process that is killed now leaves behind.</summary>
    public string CopyData()
    {
        var copy = Path.Combine(_directory.FullName, Guid.NewGuid().ToString("n"));
        foreach (var file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(target);
            from.CopyTo(to);
        }

        return copy;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
