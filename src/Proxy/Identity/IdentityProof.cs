using System.Security.Cryptography;
using Mesh.Abstractions.Identity;

namespace Mesh.Proxy.Identity;

/// <summary>Makes the proofs that go with a signing request.</summary>
internal sealed class IdentityProof(IdentityOptions options)
{
    /// <summary>By the certificate one holds.</summary>
    public static CertificateAsk Renewal(string csr, string chain, string key)
    {
        using var signer = ECDsa.Create();
        try
        {
            signer.ImportFromPem(key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new IdentityException("The key of the certificate is not an ECDSA key in PEM.");
        }

        return new CertificateAsk { Csr = csr, Renewal = RenewalProof.Create(chain, signer, csr) };
    }

    /// <summary>By what the operator gave the proxy. Files are read each time: they may have been replaced.</summary>
    /// <exception cref="IdentityException">A file cannot be read.</exception>
    public CertificateAsk Initial(string csr) => options switch
    {
        { Token: { } token } => new CertificateAsk { Csr = csr, Token = token.Trim() },
        { TokenFile: { } file } => new CertificateAsk { Csr = csr, Token = Read("TokenFile", file) },
        { ServiceAccountTokenFile: { } file } => new CertificateAsk { Csr = csr, ServiceAccountToken = Read("ServiceAccountTokenFile", file) },
        _ => throw new IdentityException("Mesh:Identity has no proof; give a Token, a TokenFile or a ServiceAccountTokenFile."),
    };

    private static string Read(string key, string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IdentityException($"The file of Mesh:Identity:{key} cannot be read: {exception.Message}", exception);
        }
    }
}
