using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using StackExchange.Redis;

namespace Mesh.Silo.Store;

/// <summary>Which Redis a silo believes, and what it shows it. Files are read at start.</summary>
internal static class RedisTls
{
    /// <exception cref="StoreStartException">A file cannot be read, or holds something else.</exception>
    public static ConfigurationOptions UseTls(this ConfigurationOptions redis, RedisTlsOptions options, string key)
    {
        if (options.Roots is { } file)
        {
            var roots = Read($"{key}:{nameof(options.Roots)}", file, static path =>
            {
                var read = new X509Certificate2Collection();
                read.ImportFromPemFile(path);
                return read.Count > 0 ? read : throw new CryptographicException("it holds no certificate");
            });
            redis.CertificateValidation += (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors, roots);
        }

        if (options.Certificate is { } own)
        {
            var shown = Read($"{key}:{nameof(options.Certificate)}", own, path => ReadShown(path, options.Key));

            // The only way by which the client library sends intermediates; it leaves the judgement of the server as it is.
            redis.SslClientAuthenticationOptions = host => new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = shown,
                EnabledSslProtocols = redis.SslProtocols ?? SslProtocols.None,
                CertificateRevocationCheckMode = redis.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
            };
        }

        return redis;
    }

    private static SslStreamCertificateContext ReadShown(string path, string? keyPath)
    {
        using var read = X509Certificate2.CreateFromPemFile(path, keyPath);

        // Of a key from PEM not every platform's TLS makes use; of one from PFX all do.
        var own = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pfx), password: null);
        var intermediates = new X509Certificate2Collection();
        intermediates.ImportFromPemFile(path);
        intermediates.RemoveAt(0);
        return SslStreamCertificateContext.Create(own, intermediates, offline: true);
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors, X509Certificate2Collection roots) =>
        certificate is X509Certificate2 shown
        && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
        && RootTrust.IsTrusted(shown, sent, roots, isServer: true);

    private static T Read<T>(string key, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StoreStartException($"{key} ('{file}') cannot be used: {exception.Message}", exception);
        }
    }
}
