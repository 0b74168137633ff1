namespace Mesh.Contracts.Tests;

/// <summary>What was recorded of one contract; in the sources, so that nothing has to be copied.</summary>
internal static class ContractFolder
{
    private const string Relative = "tests/Mesh.Contracts.Tests/Contracts";

    /// <summary>The contract whose description and payloads the programs of today are recorded as.</summary>
    public const int Newest = 2;

    public static string Root { get; } = Path.Combine(RepositoryRoot(), Relative);

    public static string FrozenProxy(int contract) => Path.Combine(
        RepositoryRoot(), "tests", $"Mesh.Contract{contract}.Proxy", "bin", Configuration, "net10.0", "Mesh.Abstractions.dll");

    /// <summary>Every recorded contract.</summary>
    public static TheoryData<int> All => [.. Directory.EnumerateDirectories(Root).Select(static path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture)).Order()];

    public static string PathOf(int contract, string name) => Path.Combine(Root, $"{contract}", name);

    public static string Read(int contract, string name) => File.ReadAllText(PathOf(contract, name));

    private static string Configuration => AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";

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
