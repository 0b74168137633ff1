namespace Mesh.Testing.Processes;

/// <summary>A new directory, deleted on disposal.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mesh-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
