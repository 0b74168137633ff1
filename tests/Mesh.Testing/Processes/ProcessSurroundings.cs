namespace Mesh.Testing.Processes;

/// <summary>What a process finds around it, beside its settings.</summary>
/// <param name="DataDirectory">Its data; a temporary directory when null.</param>
/// <param name="LogDirectory">Where each start writes a log of its own, <c>{name}.{number}.log</c>; nowhere when null.</param>
/// <param name="Environment">Further environment variables.</param>
internal sealed record ProcessSurroundings(string? DataDirectory, string? LogDirectory, IReadOnlyDictionary<string, string?> Environment);
