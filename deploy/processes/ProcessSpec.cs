namespace Mesh.Processes;

/// <summary>A program to start, and what to call it in messages.</summary>
public sealed record ProcessSpec
{
    public required string Name { get; init; }

    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables added to ours; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Where its output is also written, line by line; replaced when it exists.</summary>
    public string? LogFile { get; init; }

    /// <summary>A .NET program, run by the same <c>dotnet</c> that runs us.</summary>
    /// <param name="assembly">The path of its dll.</param>
    public static ProcessSpec DotNet(string name, string assembly, params IEnumerable<string> arguments) => new()
    {
        Name = name,
        FileName = DotNetHost.Path,
        Arguments = [assembly, .. arguments],
    };
}
