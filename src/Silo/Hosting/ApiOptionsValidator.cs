using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;

namespace Mesh.Silo.Hosting;

/// <summary>Where the management API listens, and who may use it.</summary>
internal static class ApiOptionsValidator
{
    public static void Validate(SiloOptions.ApiOptions api, List<string> errors)
    {
        if (!AbsoluteUri.TryParse(api.Url, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.PathAndQuery != "/")
        {
            errors.Add($"Mesh:Api:Url is '{api.Url}'; write http:// or https://, an address and a port, such as http://127.0.0.1:4180.");
            return;
        }

        if (!Loopback.IsListener(url) && api.Auth.Mode == SiloOptions.AccessMode.None)
        {
            errors.Add(
                $"Mesh:Api:Url is '{api.Url}', which other machines can reach, and nobody has to say who they are: " +
                "set Mesh:Api:Auth:Mode to Required, or use a loopback address such as http://127.0.0.1:4180.");
        }

        foreach (var host in api.AllowedHosts.Where(static host => Uri.CheckHostName(host) == UriHostNameType.Unknown))
        {
            errors.Add($"Mesh:Api:AllowedHosts has '{host}'; write names without scheme and port, such as mesh.example.");
        }

        if (api.Auth is { SecureCookie: true, Mode: SiloOptions.AccessMode.None })
        {
            errors.Add("Mesh:Api:Auth:SecureCookie can never apply: there are no sessions while Mesh:Api:Auth:Mode is None. Set that to Required, or remove it.");
        }

        CheckTls(api, url, errors);
        CheckJwt(api.Auth.Jwt, errors);
        foreach (var (key, certificate) in api.Auth.Certificates)
        {
            CheckCertificate($"Mesh:Api:Auth:Certificates:{key}", certificate, api.Tls.ClientRoots, errors);
        }
    }

    private static void CheckTls(SiloOptions.ApiOptions api, Uri url, List<string> errors)
    {
        var tls = api.Tls;
        if (url.Scheme == Uri.UriSchemeHttps)
        {
            CheckFile("Mesh:Api:Tls:Certificate", tls.Certificate, "which https in Mesh:Api:Url needs", errors);
            CheckFile("Mesh:Api:Tls:Key", tls.Key, "which https in Mesh:Api:Url needs", errors);
            if (tls.ClientRoots is not null)
            {
                CheckFile("Mesh:Api:Tls:ClientRoots", tls.ClientRoots, "for client certificates", errors);
            }
        }
        else if (tls.Certificate is not null || tls.Key is not null || tls.ClientRoots is not null)
        {
            errors.Add($"Mesh:Api:Tls has files for TLS, and Mesh:Api:Url is '{api.Url}', without it: write https://.");
        }
    }

    private static void CheckFile(string key, string? file, string purpose, List<string> errors)
    {
        if (file is null || !File.Exists(file))
        {
            errors.Add($"{key} is '{file}', {purpose}; name a PEM file that exists.");
        }
    }

    private static void CheckJwt(SiloOptions.JwtOptions jwt, List<string> errors)
    {
        if (!jwt.IsUsed)
        {
            if (jwt.Issuer is not null || jwt.Audience is not null)
            {
                errors.Add("Mesh:Api:Auth:Jwt:Authority is missing: write the issuer of the tokens, such as https://login.example, or where its metadata is as MetadataAddress.");
            }

            return;
        }

        foreach (var (key, address) in new[] { ("Authority", jwt.Authority), ("MetadataAddress", jwt.MetadataAddress) }.Where(static one => one.Item2 is not null))
        {
            // Who can change the keys on their way is anybody.
            if (!AbsoluteUri.TryParse(address, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(uri.Host))))
            {
                errors.Add($"Mesh:Api:Auth:Jwt:{key} is '{address}'; write an https:// address (http:// on loopback only).");
            }
        }

        if (jwt.Issuer is { } issuer && string.IsNullOrWhiteSpace(issuer))
        {
            errors.Add("Mesh:Api:Auth:Jwt:Issuer is empty: write what tokens have as iss, or leave it out.");
        }

        if (string.IsNullOrWhiteSpace(jwt.Audience))
        {
            errors.Add("Mesh:Api:Auth:Jwt:Audience is missing: without it, the issuer's tokens for any other program would be taken here.");
        }
    }

    private static void CheckCertificate(string key, SiloOptions.CertificateOptions certificate, string? roots, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(certificate.Name))
        {
            errors.Add($"{key}:Name is missing: write a URI among the certificate's alternative names, or its common name.");
        }

        if (certificate.Namespaces.Count == 0 || certificate.Namespaces.Any(static space => space != ApiTokenSpec.AllNamespaces && !DnsLabel.IsValid(space)))
        {
            errors.Add($"{key}:Namespaces is '{string.Join(", ", certificate.Namespaces)}'; list namespaces, or * for all.");
        }

        if (roots is null)
        {
            errors.Add($"{key} can never apply: Mesh:Api:Tls:ClientRoots, with the authorities of client certificates, is missing.");
        }
    }
}
