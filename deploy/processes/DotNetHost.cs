using System.Runtime.InteropServices;

namespace Mesh.Processes;

/// <summary>The <c>dotnet</c> that runs this process.</summary>
internal static class DotNetHost
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        // The runtime lies in {root}/shared/Microsoft.NETCore.App/{version}/; PATH may name another installation, or none.
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
