using System.Text;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Validation;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.Routing;

namespace Mesh.Proxy.Regions;

/// <summary>
/// How a proxy tells a gateway of another region which service a request is for, after all rules and filters:
/// <c>mesh-backend: shop/web-v2;version=2</c>, with the labels that endpoints must have, percent-encoded. Host and path are
/// those that the application is to see.
/// </summary>
internal static class BackendHeader
{
    public const string Name = "mesh-backend";

    public const string Rule = "a service and labels, such as shop/web;version=2";

    /// <summary>Longer ones are refused unread.</summary>
    private const int MaxLength = 16 * 1024;

    public static string Format(ServiceName service, LabelSet? labels)
    {
        var text = new StringBuilder(service.ToString());
        foreach (var (name, value) in labels?.Labels ?? [])
        {
            text.Append(';').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }

    /// <summary>Tells a gateway what the request is for, and nobody else.</summary>
    public static void Set(HttpRequestMessage request, UpstreamEndpoint endpoint, BackendModel backend)
    {
        request.Headers.Remove(Name);
        if (endpoint.IsGateway)
        {
            request.Headers.TryAddWithoutValidation(Name, backend.Reference);
        }
    }

    /// <returns>False when the text is not what <see cref="Format"/> writes of a service that can have endpoints.</returns>
    public static bool TryParse(string? text, out ServiceName service, out LabelSet? labels)
    {
        (service, labels) = (default, null);
        if (text is null or { Length: > MaxLength }
            || text.Split(';') is not [var name, .. var rest]
            || !ServiceName.TryParse(name, out service)
            || service == ReservedNames.Gateways
            || NamespaceSettings.IsRecord(service)
            || rest.Length > SpecLimits.Labels)
        {
            return false;
        }

        var required = new Dictionary<string, string>(rest.Length);
        foreach (var label in rest)
        {
            if (label.Split('=') is not [{ Length: > 0 } key, var value]
                || !required.TryAdd(Uri.UnescapeDataString(key), Uri.UnescapeDataString(value)))
            {
                return false;
            }
        }

        labels = LabelSet.Create(required);
        return true;
    }
}
