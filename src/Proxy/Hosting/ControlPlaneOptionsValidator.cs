using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Hosting;

/// <summary>Where the control plane is, and whom to take for it.</summary>
internal static class ControlPlaneOptionsValidator
{
    public static void Validate(ProxyOptions options, List<string> errors)
    {
        var urls = ProxyOptions.Split(options.ControlPlane);
        if (urls.Length == 0 || urls.Any(static url => !IsHttp(url)))
        {
            errors.Add($"Mesh:ControlPlane is '{options.ControlPlane}'; write one or more http:// or https:// URLs, separated by commas.");
            return;
        }

        if (options.ControlPlaneRoots is not { } roots)
        {
            return;
        }

        if (urls.Any(static url => new Uri(url).Scheme == Uri.UriSchemeHttp))
        {
            errors.Add($"Mesh:ControlPlaneRoots is set, and Mesh:ControlPlane is '{options.ControlPlane}', where without TLS anybody could answer; write https://.");
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(roots);
            if (certificates.Count == 0)
            {
                errors.Add($"Mesh:ControlPlaneRoots is '{roots}', which holds no certificate; name a PEM file.");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            errors.Add($"Mesh:ControlPlaneRoots is '{roots}', which cannot be read: {exception.Message}");
        }
    }

    private static bool IsHttp(string url) =>
        AbsoluteUri.TryParse(url, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
