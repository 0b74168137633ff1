using Mesh.Quickstart.Options;

namespace Mesh.Quickstart.Fleet;

/// <summary>Where a run keeps its data and logs. Only its own two folders in it are ever deleted.</summary>
internal sealed class RunDirectory
{
    private readonly bool _isTemporary;

    private RunDirectory(string path, bool isTemporary)
    {
        Path = path;
        _isTemporary = isTemporary;
    }

    public string Path { get; }

    public string Logs => System.IO.Path.Combine(Path, "logs");

    private string Data => System.IO.Path.Combine(Path, "data");

    public static RunDirectory Prepare(QuickstartOptions options, int apiPort)
    {
        // Runs with fixed ports cannot meet in one directory, since their API ports differ; those with free ports
        // would leave one directory each.
        var isTemporary = options is { Directory: null, FreePorts: true };
        var path = options.Directory ?? (isTemporary ? Directory.CreateTempSubdirectory("mesh-quickstart-").FullName : Default(apiPort));
        var directory = new RunDirectory(System.IO.Path.GetFullPath(path), isTemporary);
        if (!options.Keep)
        {
            Delete(directory.Data);
        }

        Delete(directory.Logs);
        Directory.CreateDirectory(directory.Data);
        Directory.CreateDirectory(directory.Logs);
        return directory;
    }

    public string DataOf(string process) => Directory.CreateDirectory(System.IO.Path.Combine(Data, FileName(process))).FullName;

    public string LogOf(string process) => System.IO.Path.Combine(Logs, $"{FileName(process)}.log");

    /// <summary>Leaves nothing behind, unless there is something to look into.</summary>
    public void Leave(bool isFailed)
    {
        if (_isTemporary && !isFailed)
        {
            Delete(Path);
        }
    }

    private static string Default(int apiPort)
    {
        var user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return System.IO.Path.Combine(user.Length > 0 ? user : System.IO.Path.GetTempPath(), "mesh", $"quickstart-{apiPort}");
    }

    private static string FileName(string process) => process.Replace(' ', '-');

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
