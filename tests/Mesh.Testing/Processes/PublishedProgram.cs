namespace Mesh.Testing.Processes;

/// <summary>
/// Where the built silo and proxy are: the newest of what <c>test.sh</c> published to <c>artifacts/publish</c> and what
/// <c>dotnet build</c> left in the projects' own folders, so that a test never runs an older program than the one
/// just built.
/// </summary>
internal static class PublishedProgram
{
    public static string Silo { get; } = Find("silo", "Silo", "Mesh.Silo.dll");

    public static string Proxy { get; } = Find("proxy", "Proxy", "Mesh.Proxy.dll");

    private static string Find(string published, string project, string assembly)
    {
        var root = RepositoryRoot();
        string[] candidates =
        [
            Path.Combine(root, "artifacts", "publish", published, assembly),
            Path.Combine(root, "src", project, "bin", "Release", "net10.0", assembly),
            Path.Combine(root, "src", project, "bin", "Debug", "net10.0", assembly),
        ];
        return candidates.Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc)
            ?? throw new FileNotFoundException(
                $"{assembly} is not built. Run: dotnet publish src/{project} -c Release -o artifacts/publish/{published}");
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mesh.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} has Mesh.sln");
    }
}
