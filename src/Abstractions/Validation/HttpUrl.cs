using Mesh.Abstractions.Json;
using Mesh.Abstractions.Naming;

namespace Mesh.Abstractions.Validation;

/// <summary>An absolute http or https URL that a proxy calls itself.</summary>
internal static class HttpUrl
{
    public static void Check(string url, JsonPath path, SpecErrors errors)
    {
        if (!Bounds.CheckLength(url, SpecLimits.UrlLength, path, errors))
        {
            return;
        }

        if (!AbsoluteUri.TryParse(url, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.Host.Length == 0)
        {
            errors.Add(path, $"{Bounds.Quote(url)} is not a URL that starts with http:// or https://");
        }
        else if (uri.UserInfo.Length > 0)
        {
            // The message must not show it.
            errors.Add(path, "must not contain a user or a password: everybody who may read the service could read them");
        }
        else if (uri.Fragment.Length > 0)
        {
            errors.Add(path, "must not contain '#'");
        }
    }
}
