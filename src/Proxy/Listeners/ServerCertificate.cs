using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Identity;
using Mesh.Proxy.Forwarding;

namespace Mesh.Proxy.Listeners;

/// <summary>What a listener proves its identity with when it is called by TLS.</summary>
/// <param name="Certificate">Has its private key.</param>
/// <param name="Chain">The intermediate certificates that are sent along.</param>
internal sealed record ServerCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>What is demanded of those who call; without authorities, only a version.</summary>
    public TlsRules Callers { get; init; } = new(roots: null, names: [], minVersion: "1.2");

    /// <param name="section">The section of the configuration that names the files, for messages.</param>
    /// <param name="path">PEM (with its chain, and with the key unless <paramref name="keyPath"/> is given) or PKCS #12.</param>
    /// <exception cref="ListenerException">A file cannot be used.</exception>
    public static ServerCertificate Load(string section, string path, string? keyPath, string? password)
    {
        try
        {
            return IsPem(path) ? LoadPem(path, keyPath, password) : LoadPkcs12(section, path, keyPath, password);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ListenerException($"{section}:Path or {section}:KeyPath cannot be read: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new ListenerException(
                $"{section}:Path is '{path}', which holds no certificate with a private key that can be used: {exception.Message} "
                + $"Write a PEM file, with its key in it or in {section}:KeyPath, or a PKCS #12 file (.pfx); {section}:Password is that of the key", exception);
        }
    }

    /// <exception cref="ListenerException">The file cannot be used.</exception>
    public static X509Certificate2Collection LoadRoots(string section, string path)
    {
        try
        {
            return Pem.TryReadCertificates(File.ReadAllText(path), out var roots)
                ? roots
                : throw new ListenerException($"{section}:ClientRoots is '{path}', which is not PEM with certificates");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ListenerException($"{section}:ClientRoots cannot be read: {exception.Message}", exception);
        }
    }

    private static bool IsPem(string path)
    {
        Span<byte> start = stackalloc byte[1];
        using var file = File.OpenRead(path);

        // PKCS #12 is DER, whose first byte is that of a SEQUENCE.
        return file.Read(start) == 0 || start[0] != 0x30;
    }

    private static ServerCertificate LoadPem(string path, string? keyPath, string? password)
    {
        var certificate = string.IsNullOrEmpty(password)
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);
        chain.RemoveAt(0);
        return new ServerCertificate(certificate, chain);
    }

    private static ServerCertificate LoadPkcs12(string section, string path, string? keyPath, string? password)
    {
        if (!string.IsNullOrEmpty(keyPath))
        {
            throw new ListenerException($"{section}:KeyPath is set, but {section}:Path ('{path}') is a PKCS #12 file, which has its key inside: remove one of them");
        }

        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password);
        var certificate = all.FirstOrDefault(static one => one.HasPrivateKey)
            ?? throw new CryptographicException("None of its certificates has a private key.");
        all.Remove(certificate);
        return new ServerCertificate(certificate, all);
    }
}
