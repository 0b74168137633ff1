using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>Where a redirect leads.</summary>
internal static class RedirectValidator
{
    public static void Validate(RequestRedirect redirect, IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        if (redirect is { Scheme: null, Hostname: null, Path: null, Port: null })
        {
            errors.Add(path, "leads back to where the request was sent: give \"scheme\", \"hostname\", \"path\" or \"port\"");
        }

        if (redirect.Scheme is { } scheme && scheme is not ("http" or "https"))
        {
            errors.Add(path.Field("scheme"), $"must be \"http\" or \"https\", not {Bounds.Quote(scheme)}");
        }

        if (redirect.Hostname is { } host && HostnameRules.Explain(host) is { } problem)
        {
            errors.Add(path.Field("hostname"), problem);
        }

        if (redirect.Path is { } modifier)
        {
            PathModifierValidator.Validate(modifier, matches, path.Field("path"), errors);
        }

        if (redirect.Port is { } port)
        {
            Bounds.CheckRange(port, 1, 65535, path.Field("port"), errors);
        }

        if (redirect.StatusCode is not (301 or 302 or 303 or 307 or 308))
        {
            errors.Add(path.Field("statusCode"), $"must be 301, 302, 303, 307 or 308, not {redirect.StatusCode}");
        }
    }
}
