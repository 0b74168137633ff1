using Mesh.Abstractions.Json;
using Mesh.Abstractions.Routing;

namespace Mesh.Abstractions.Validation;

/// <summary>What an endpoint is asked for in place of what the application asked for.</summary>
internal static class RewriteValidator
{
    public static void Validate(UrlRewrite rewrite, IReadOnlyList<RouteMatch> matches, JsonPath path, SpecErrors errors)
    {
        if (rewrite is { Hostname: null, Path: null })
        {
            errors.Add(path, "changes nothing: give \"hostname\" or \"path\"");
        }

        if (rewrite.Hostname is { } host && HostnameRules.Explain(host) is { } problem)
        {
            errors.Add(path.Field("hostname"), problem);
        }

        if (rewrite.Path is { } modifier)
        {
            PathModifierValidator.Validate(modifier, matches, path.Field("path"), errors);
        }
    }
}
