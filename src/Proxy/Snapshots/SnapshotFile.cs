using System.Globalization;
using System.Text.Json;
using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;

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

    /// <exception cref="InvalidDataException">The file is torn, altered or of another format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static EncodedSnapshot Read(string path)
    {
        var (words, json) = CheckedFile.Read(path, Magic);
        if (words is not [var name, var revisionText]
            || !ServiceName.TryParse(name, out var service)
            || !long.TryParse(revisionText, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw new InvalidDataException("it does not say which service's snapshot it is, and of which revision");
        }

        // The checksum is of what follows the heading: both have to say the same, and the name of the file as well.
        if (ReadSubject(json) != (service, revision))
        {
            throw new InvalidDataException("its first line is not that of the snapshot that follows");
        }

        return Path.GetFileName(path) == NameOf(service)
            ? EncodedSnapshot.FromJson(service, revision, json)
            : throw new InvalidDataException($"it is the snapshot of {service}, under another name");
    }

    private static (ServiceName Service, long Revision) ReadSubject(byte[] json)
    {
        try
        {
            var subject = MeshJson.Decode<Subject>(json);
            return (subject.Service, subject.Revision);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"what follows its first line is no snapshot: {exception.Message}", exception);
        }
    }

    /// <summary>Of a snapshot, what it is of; the rest is not even looked at here.</summary>
    private sealed record Subject
    {
        public required ServiceName Service { get; init; }

        public required long Revision { get; init; }
    }
}
