using System.Text.Json;
using Mesh.Abstractions.Identity;
using Mesh.Abstractions.Json;

namespace Mesh.Proxy.Identity;

/// <summary>The identity on disk, for the next start: a file only this user can read, replaced in one step.</summary>
internal sealed class IdentityFile(string directory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = System.IO.Path.Combine(directory, "identity.json");

    /// <exception cref="IOException">The directory cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it be.</exception>
    public void Write(HeldIdentity held)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            options.UnixCreateMode = OwnerOnly;
        }

        var temporary = Path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, options))
        {
            file.Write(MeshJson.Encode(new Content { Key = held.Key, Issued = held.Issued }));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path, overwrite: true);
    }

    /// <returns>Null when there is none.</returns>
    /// <exception cref="IdentityException">It is damaged, or cannot be read.</exception>
    public HeldIdentity? Read()
    {
        try
        {
            if (!File.Exists(Path))
            {
                return null;
            }

            var content = MeshJson.Decode<Content>(File.ReadAllBytes(Path));
            return HeldIdentity.Create(content.Issued, content.Key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IdentityException($"{Path} cannot be read: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            // The exception's own message may quote the file.
            throw new IdentityException($"{Path} is damaged.", exception);
        }
    }

    private sealed record Content
    {
        public required string Key { get; init; }

        public required IssuedCertificate Issued { get; init; }

        public override string ToString() => nameof(Content);
    }
}
