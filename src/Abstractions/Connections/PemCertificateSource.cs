using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Mesh.Abstractions.Connections;

/// <summary>A certificate, its key and the trusted roots in PEM files, which may be replaced at any time.</summary>
public sealed partial class PemCertificateSource : ICertificateSource
{
    /// <summary>How often the files are looked at, when somebody asks.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _certificate;
    private readonly string _key;
    private readonly string _roots;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private PeerCredentials _current;
    private (FileStamp, FileStamp, FileStamp) _seen;
    private long _lookedAt;

    /// <param name="certificate">The file of the certificate, followed by its intermediates.</param>
    /// <param name="key">The file of its private key, unencrypted.</param>
    /// <param name="roots">The file of the roots to trust.</param>
    /// <exception cref="InvalidDataException">The files cannot be used; the message says why.</exception>
    public PemCertificateSource(string certificate, string key, string roots, TimeProvider time, ILogger logger)
    {
        (_certificate, _key, _roots, _time, _logger) = (certificate, key, roots, time, logger);
        _lookedAt = time.GetTimestamp();
        (_seen, _current) = (Stamps(), Load());
    }

    public PeerCredentials? Current
    {
        get
        {
            lock (_lock)
            {
                if (_time.GetElapsedTime(_lookedAt) >= Period)
                {
                    _lookedAt = _time.GetTimestamp();
                    ReloadIfChanged();
                }

                return _current;
            }
        }
    }

    /// <summary>Files that are half replaced do not fit together; they are read again until they do.</summary>
    private void ReloadIfChanged()
    {
        try
        {
            var stamps = Stamps();
            if (stamps == _seen)
            {
                return;
            }

            _current = Load();
            _seen = stamps;
            LogReloaded(_certificate, _current.ExpiresAt);
        }
        catch (InvalidDataException exception)
        {
            LogNotReloaded(exception.Message);
        }
    }

    /// <exception cref="InvalidDataException">The files cannot be looked at.</exception>
    private (FileStamp, FileStamp, FileStamp) Stamps()
    {
        try
        {
            return (FileStamp.Of(_certificate), FileStamp.Of(_key), FileStamp.Of(_roots));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"'{_certificate}', '{_key}' and '{_roots}' cannot be looked at: {exception.Message}", exception);
        }
    }

    private PeerCredentials Load()
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(_certificate, _key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(_certificate);
            chain.RemoveAt(0);
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(_roots);
            return new PeerCredentials(certificate, chain, roots);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException(
                $"the certificate '{_certificate}', the key '{_key}' and the roots '{_roots}' cannot be used together: {exception.Message}", exception);
        }
    }

    [LoggerMessage(1321, LogLevel.Information, "The certificate in {File} was replaced; the new one ends {ExpiresAt:u}")]
    private partial void LogReloaded(string file, DateTimeOffset expiresAt);

    [LoggerMessage(1322, LogLevel.Warning, "The certificate was replaced by one that cannot be used, so the one before stays: {Reason}")]
    private partial void LogNotReloaded(string reason);
}
