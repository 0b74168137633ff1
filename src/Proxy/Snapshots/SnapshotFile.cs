using System.Globalization;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Snapshots;

/// <summary>
/// A snapshot in a <see cref="CheckedFile"/>: a line <c>mesh-snapshot 1 {service} {revision} {checksum}</c>, then the
/// snapshot's JSON.
/// </summary>
internal static class SnapshotFile
{
    public const string Extension = ".snapshot";
    private const string Magic = "mesh-snapshot 1";

    public static string NameOf(ServiceName service) => $"{service.Namespace}_{service.Name}{Extension}";

    /// <exception cref="IOException">The directory cannot be written to.</exception>
    public static void Write(string directory, EncodedSnapshot snapshot) => CheckedFile.Write(
        Path.Combine(directory, NameOf(snapshot.Service)),
        string.Create(CultureInfo.InvariantCulture, $"{Magic} {snapshot.Service} {snapshot.Version.Revision}"),
        snapshot.Json.Value);

    /// <returns>The snapshot, and what it says: reading it is most of a start.</returns>
    /// <exception cref="InvalidDataException">The file is torn, altered or of another format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (EncodedSnapshot Encoded, ServiceSnapshot Decoded) Read(string path)
    {
        var (words, json) = CheckedFile.Read(path, Magic);
        if (words is not [var name, var revisionText]
            || !ServiceName.TryParse(name, out var service)
            || !long.TryParse(revisionText, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw new InvalidDataException("it does not say which service's snapshot it is, and of which revision");
        }

        if (Path.GetFileName(path) != NameOf(service))
        {
            throw new InvalidDataException($"it is the snapshot of {service}, under another name");
        }

        // The checksum is of what follows the heading: both have to say the same.
        var encoded = EncodedSnapshot.FromJson(service, revision, json);
        try
        {
            return (encoded, ServiceModelCompiler.Decode(encoded));
        }
        catch (UnusableSnapshotException exception)
        {
            throw new InvalidDataException($"what follows its first line cannot be used: {exception.Message}", exception);
        }
    }
}
