using System.Security.Cryptography;
using System.Text;
using Mesh.Proxy.Listeners;

namespace Mesh.Proxy.Admin;

/// <summary>The token of the admin pages, from a file that is read again when it changes.</summary>
internal sealed class AdminToken
{
    private const int MinLength = 32;
    private const int MaxLength = 4096;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private byte[] _hash;
    private DateTime _writtenAt;
    private long _lookedAt;

    /// <exception cref="ListenerException">The file holds no token that can be used.</exception>
    public AdminToken(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _lookedAt = time.GetTimestamp();
        try
        {
            _hash = Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ListenerException($"Mesh:Admin:TokenFile is '{path}', which cannot be used: {exception.Message}", exception);
        }
    }

    public bool Is(string token) => CryptographicOperations.FixedTimeEquals(Hash(token), Current());

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private byte[] Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) >= LookPeriod)
            {
                _lookedAt = _time.GetTimestamp();
                try
                {
                    _hash = File.GetLastWriteTimeUtc(_path) == _writtenAt ? _hash : Read();
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // The one before stays good until there is another.
                }
            }

            return _hash;
        }
    }

    /// <exception cref="IOException">It cannot be read, or holds no token.</exception>
    private byte[] Read()
    {
        _writtenAt = File.GetLastWriteTimeUtc(_path);
        return new FileInfo(_path).Length <= MaxLength && File.ReadAllText(_path).Trim() is { Length: >= MinLength } token && !token.Any(char.IsWhiteSpace)
            ? Hash(token)
            : throw new IOException($"it must hold one token of at least {MinLength} characters without spaces, and nothing else");
    }
}
