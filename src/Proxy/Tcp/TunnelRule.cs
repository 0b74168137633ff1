using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Tcp;

/// <summary>
/// Which of a service's rules connections of opaque bytes follow. Rules about requests cannot be applied to what a
/// tunnel hides, so a service that has such rules gets tunnels only by a rule that says so.
/// </summary>
internal static class TunnelRule
{
    /// <summary>The rule for a connection about which nothing is known: the first, if no rule asks for more than backends.</summary>
    public static RuleModel? Find(ServiceModel model) =>
        model.Spec!.Routes.All(static rule => rule is { Matches.Count: 0, Filters.Count: 0, RateLimit: null }) ? model.Rules[0] : null;

    /// <summary>The rule for a CONNECT request: as above, or that of the match that decides, if the match names that method and the rule asks for nothing more.</summary>
    public static RuleModel? Find(ServiceModel model, HttpRequest request, CallerIdentity caller)
    {
        if (Find(model) is { } only)
        {
            return only;
        }

        return model.Routes.Find(request, caller) is { Match.Method: "CONNECT", Rule: { FilterCounters: null, RateLimit: null } rule } ? rule : null;
    }
}
