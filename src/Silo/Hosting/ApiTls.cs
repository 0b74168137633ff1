using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Silo.Hosting;

/// <summary>TLS of the management API, by files that are read again when they change.</summary>
internal sealed partial class ApiTls
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(10);

    private readonly SiloOptions.ApiTlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Files _files;
    private (FileStamp, FileStamp, FileStamp) _seen;
    private long _lookedAt;

    /// <exception cref="SiloStartException">A file cannot be used.</exception>
    public ApiTls(SiloOptions.ApiTlsOptions options, TimeProvider time, ILogger<ApiTls> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        try
        {
            _seen = Stamps();
            _files = Read();
            _lookedAt = time.GetTimestamp();
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            throw new SiloStartException($"the files in Mesh:Api:Tls cannot be used: {exception.Message}", exception);
        }
    }

    public void Configure(KestrelServerOptions kestrel) => kestrel.ConfigureHttpsDefaults(https =>
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        // Kestrel wants to see a certificate, but knows of no intermediates that belong to it.
        https.ServerCertificate = Current().Context.TargetCertificate;
        https.OnAuthenticate = (_, ssl) =>
        {
            ssl.ServerCertificate = null;
            ssl.ServerCertificateSelectionCallback = null;
            ssl.ServerCertificateContext = Current().Context;
        };
        if (_options.ClientRoots is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = IsTrusted;
        }
    });

    private static bool IsUnusable(Exception exception) =>
        exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;

    private bool IsTrusted(X509Certificate2 certificate, X509Chain? sent, SslPolicyErrors errors) =>
        RootTrust.IsTrusted(certificate, sent, Current().ClientRoots, isServer: false);

    private Files Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) >= LookPeriod)
            {
                _lookedAt = _time.GetTimestamp();
                try
                {
                    if (Stamps() is var stamps && stamps != _seen)
                    {
                        _files = Read();
                        _seen = stamps;
                    }
                }
                catch (Exception exception) when (IsUnusable(exception))
                {
                    LogKept(exception.Message);
                }
            }

            return _files;
        }
    }

    private (FileStamp, FileStamp, FileStamp) Stamps() =>
        (FileStamp.Of(_options.Certificate!), FileStamp.Of(_options.Key!), FileStamp.Of(_options.ClientRoots ?? _options.Key!));

    private Files Read()
    {
        using var read = X509Certificate2.CreateFromPemFile(_options.Certificate!, _options.Key);
        var certificate = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pfx), password: null);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_options.Certificate!);
        var roots = new X509Certificate2Collection();
        if (_options.ClientRoots is not null)
        {
            roots.ImportFromPemFile(_options.ClientRoots);
            if (roots.Count == 0)
            {
                throw new CryptographicException($"{_options.ClientRoots} holds no certificate");
            }
        }

        return new Files(SslStreamCertificateContext.Create(certificate, chain, offline: true), roots);
    }

    [LoggerMessage(3303, LogLevel.Warning, "The files in Mesh:Api:Tls have changed and cannot be used ({Reason}); those before stay in use")]
    private partial void LogKept(string reason);

    private sealed record Files(SslStreamCertificateContext Context, X509Certificate2Collection ClientRoots);
}
