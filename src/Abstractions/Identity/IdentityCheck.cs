using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Identity;

/// <summary>Reads and checks the identity in a certificate (SPIFFE standard, "X509-SVID", sections 2 to 5).</summary>
public static class IdentityCheck
{
    /// <summary>TLS roles a certificate may be shown in (RFC 5280, section 4.2.1.12).</summary>
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private const string AlternativeNames = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <param name="others">What came with the certificate; may hold anything.</param>
    /// <param name="roots">The bundle.</param>
    /// <param name="use">The role, <see cref="ServerUse"/> or <see cref="ClientUse"/>.</param>
    /// <param name="identity">A valid SPIFFE ID in <paramref name="trustDomain"/>.</param>
    /// <param name="problem">What is wrong, for logs and answers.</param>
    public static bool TryVerify(
        X509Certificate2 certificate,
        X509Certificate2Collection others,
        X509Certificate2Collection roots,
        string use,
        string trustDomain,
        DateTimeOffset now,
        [NotNullWhen(true)] out string? identity,
        [NotNullWhen(false)] out string? problem)
    {
        identity = null;
        using var chain = NewChain(others, roots, now);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(use));
        var isTrusted = Build(chain, certificate);
        problem = isTrusted ? ExplainLeaf(certificate) : Explain(chain, certificate, now);
        if (problem is not null)
        {
            return false;
        }

        var read = ReadIdentity(certificate);
        if (read is null)
        {
            problem = "the certificate does not have exactly one SPIFFE ID";
        }
        else if (SpiffeId.TrustDomainOf(read) is var domain && !domain.SequenceEqual(trustDomain))
        {
            problem = $"the identity {read} is of another trust domain than {trustDomain}";
        }
        else
        {
            identity = read;
        }

        return problem is null;
    }

    /// <returns>The SPIFFE ID; null when there is none, several, or it is malformed.</returns>
    public static string? ReadIdentity(X509Certificate2 certificate)
    {
        if (certificate.Extensions.FirstOrDefault(static extension => extension.Oid?.Value == AlternativeNames) is not { } extension)
        {
            return null;
        }

        string? identity = null;
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(Uri))
                {
                    if (identity is not null)
                    {
                        return null;
                    }

                    identity = names.ReadCharacterString(UniversalTagNumber.IA5String, Uri);
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            return null;
        }

        return identity is not null && SpiffeId.IsValid(identity) ? identity : null;
    }

    /// <summary>Whether a certificate is of an authority between others and the roots.</summary>
    public static bool IsIntermediate(
        X509Certificate2 certificate, X509Certificate2Collection others, X509Certificate2Collection roots, DateTimeOffset now)
    {
        using var chain = NewChain(others, roots, now);
        return IsAuthority(certificate) && !roots.Contains(certificate) && Build(chain, certificate);
    }

    private static X509Chain NewChain(X509Certificate2Collection others, X509Certificate2Collection roots, DateTimeOffset now)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain;
    }

    private static bool Build(X509Chain chain, X509Certificate2 certificate)
    {
        var isTrusted = chain.Build(certificate);
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return isTrusted;
    }

    /// <summary>An authority may not speak as one of those it signs for.</summary>
    private static string? ExplainLeaf(X509Certificate2 certificate) =>
        IsAuthority(certificate) ? "the certificate is an authority's" : null;

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(static extension => extension.CertificateAuthority);

    private static string Explain(X509Chain chain, X509Certificate2 certificate, DateTimeOffset now) =>
        now >= certificate.NotAfter.ToUniversalTime() ? $"the certificate expired at {certificate.NotAfter.ToUniversalTime():u}"
        : now < certificate.NotBefore.ToUniversalTime() ? $"the certificate is valid only from {certificate.NotBefore.ToUniversalTime():u}; compare the clocks"
        : $"the certificate does not lead to a root of the bundle: {string.Join(", ", chain.ChainStatus.Select(static status => status.Status))}";
}
