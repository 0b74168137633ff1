namespace Mesh.Quickstart.Fleet;

/// <summary>Where the build put the programs we start; <c>programs.txt</c> beside us lists them.</summary>
internal static class ProgramPaths
{
    public static string Silo { get; } = Find("Mesh.Silo.dll");

    public static string Proxy { get; } = Find("Mesh.Proxy.dll");

    public static string Samples { get; } = Find("Mesh.Samples.dll");

    private static string Find(string assembly)
    {
        var list = Path.Combine(AppContext.BaseDirectory, "programs.txt");
        var path = File.Exists(list) ? File.ReadLines(list).FirstOrDefault(line => Path.GetFileName(line) == assembly) : null;
        return path is not null && File.Exists(path)
            ? path
            : throw new QuickstartException($"{path ?? assembly} is not there. Build first: dotnet build deploy/quickstart");
    }
}
