using System.IO.Hashing;
using System.Text;

namespace Mesh.Proxy.Snapshots;

/// <summary>
/// A file with one line that says what it is and ends in the XXH128 of what follows. It is replaced by renaming, so that a
/// reader finds the old one or the new one, whole.
/// </summary>
internal static class CheckedFile
{
    /// <summary>Far above the largest snapshot there can be.</summary>
    private const int MaxSize = 256 << 20;

    /// <param name="heading">The line without checksum; the same beginning is asked for by <see cref="Read"/>.</param>
    /// <exception cref="IOException">The directory cannot be written to.</exception>
    public static void Write(string path, string heading, byte[] content)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.ASCII.GetBytes($"{heading} {Checksum(content)}\n"));
                file.Write(content);
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

    /// <param name="magic">What the heading begins with.</param>
    /// <returns>The further words of the heading, and what follows it.</returns>
    /// <exception cref="InvalidDataException">The file is torn, altered, a link or of another format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (string[] Words, byte[] Content) Read(string path, string magic)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null || file.Length > MaxSize)
        {
            throw new InvalidDataException(file.LinkTarget is not null ? "it is a symbolic link, and this program makes none" : $"it has {file.Length} bytes; at most {MaxSize} are read");
        }

        var bytes = File.ReadAllBytes(path);
        var end = Array.IndexOf(bytes, (byte)'\n');
        var heading = end < 0 ? "" : Encoding.ASCII.GetString(bytes, 0, end);
        if (!heading.StartsWith($"{magic} ", StringComparison.Ordinal) || heading[(magic.Length + 1)..].Split(' ') is not [.. var words, var checksum])
        {
            throw new InvalidDataException($"it does not begin with '{magic}' as a file of this version does");
        }

        var content = bytes[(end + 1)..];
        return string.Equals(checksum, Checksum(content), StringComparison.Ordinal)
            ? (words, content)
            : throw new InvalidDataException("its checksum does not match its content");
    }

    private static string Checksum(byte[] content) => Convert.ToHexStringLower(XxHash128.Hash(content));
}
