using System.Security.Cryptography;
using System.Text;

namespace Mesh.Abstractions.Connections;

/// <summary>A file that holds one token, which is recognised by its digest and read again when it is replaced.</summary>
public sealed class TokenFile
{
    private const int MinLength = 32;
    private const int MaxLength = 4096;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<string> _onKept;
    private readonly Lock _lock = new();
    private byte[] _hash;
    private FileStamp _seen;
    private (FileStamp Stamp, string Problem) _told;
    private long _lookedAt;

    /// <param name="onKept">Told why a replaced file cannot be used; the token before stays good.</param>
    /// <exception cref="InvalidDataException">There is no usable token in it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public TokenFile(string path, TimeProvider time, Action<string> onKept)
    {
        (_path, _time, _onKept) = (path, time, onKept);
        _hash = Read();
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>
    /// Whether the file's group or everybody may read it, and so use the token. Of a link, the file behind it counts. Never on
    /// Windows, where modes do not say who may.
    /// </summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public bool IsOpenToOthers => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(_path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;

    /// <summary>Compared in constant time.</summary>
    public bool Has(string token) => CryptographicOperations.FixedTimeEquals(Hash(token), Current());

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private byte[] Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) >= LookPeriod)
            {
                _lookedAt = _time.GetTimestamp();
                LookAgain();
            }

            return _hash;
        }
    }

    /// <summary>A file that cannot be used is looked at until it can: its rights may be all that is wrong.</summary>
    private void LookAgain()
    {
        var stamp = default(FileStamp);
        try
        {
            stamp = FileStamp.Of(_path);
            if (stamp != _seen)
            {
                _hash = Read();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (_told != (stamp, exception.Message))
            {
                _told = (stamp, exception.Message);
                _onKept(exception.Message);
            }
        }
    }

    private byte[] Read()
    {
        var stamp = FileStamp.Of(_path);
        if (stamp.Length > MaxLength || File.ReadAllText(_path).Trim() is not { Length: >= MinLength } token || token.Any(char.IsWhiteSpace))
        {
            throw new InvalidDataException($"it must hold one token of at least {MinLength} characters without spaces, and nothing else");
        }

        _seen = stamp;
        return Hash(token);
    }
}
