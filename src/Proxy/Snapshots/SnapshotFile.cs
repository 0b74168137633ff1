using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Snapshots;

namespace Mesh.Proxy.Snapshots;

/// <summary>
/// A snapshot in a file: a line <c>mesh-snapshot 1 {service} {revision} {XXH128 of the rest}</c>, then the snapshot's
/// JSON. The file is replaced by renaming, so that a reader finds the old one or the new one, whole.
/// </summary>
internal static class SnapshotFile
{
    public const string Extension = ".snapshot";
    private const string Magic = "mesh-snapshot 1 ";

    public static string NameOf(ServiceName service) => $"{service.Namespace}_{service.Name}{Extension}";

    /// <exception cref="IOException">The directory cannot be written to.</exception>
    public static void Write(string directory, EncodedSnapshot snapshot)
    {
        var json = snapshot.Json.Value;
        var header = string.Create(
            CultureInfo.InvariantCulture,
            $"{Magic}{snapshot.Service} {snapshot.Version.Revision} {Convert.ToHexStringLower(XxHash128.Hash(json))}\n");
        var path = Path.Combine(directory, NameOf(snapshot.Service));
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.ASCII.GetBytes(header));
                file.Write(json);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            // On a full disk it would take room from others, and nobody comes back for it.
            File.Delete(temporary);
            throw;
        }
    }

    /// <exception cref="InvalidDataException">The file is torn, altered or of another format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static EncodedSnapshot Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var end = Array.IndexOf(bytes, (byte)'\n');
        var header = end < 0 ? "" : Encoding.ASCII.GetString(bytes, 0, end);
        if (!header.StartsWith(Magic, StringComparison.Ordinal)
            || header[Magic.Length..].Split(' ') is not [var name, var revisionText, var checksum]
            || !ServiceName.TryParse(name, out var service)
            || !long.TryParse(revisionText, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw new InvalidDataException("it does not begin as a snapshot of this version does");
        }

        var json = bytes[(end + 1)..];
        if (!string.Equals(checksum, Convert.ToHexStringLower(XxHash128.Hash(json)), StringComparison.Ordinal))
        {
            throw new InvalidDataException("its checksum does not match its content");
        }

        return EncodedSnapshot.FromJson(service, revision, json);
    }
}
