using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Access;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Services;

namespace Mesh.Proxy.Explain;

/// <summary>Whether a request of this proxy's would be let in at the other end.</summary>
internal static class AccessExplainer
{
    /// <returns>Null when the service lets everybody in.</returns>
    public static AccessExplanation? Explain(ServiceModel? model, HttpContext context, ProxyIdentity identity)
    {
        if (model is null or { IsDeleted: true })
        {
            return null;
        }

        AccessModel access;
        try
        {
            access = model.Access;
        }
        catch (UnusableSnapshotException exception)
        {
            return new AccessExplanation { Decision = "unknown", Reason = $"this proxy cannot use the service's policy: {exception.Message}" };
        }

        if (access.IsOpen(model.Namespace.Settings))
        {
            return null;
        }

        var caller = model.Spec!.Mtls == MtlsMode.Off ? null : identity.Current?.SpiffeId;
        var request = AccessRequest.Of(context, caller is null ? null : new CallingPeer(caller, ForwardedCertificate: ""));
        var decision = access.Decide(request, model.Namespace.Settings);
        return new AccessExplanation
        {
            Decision = decision.IsAudited ? "audit" : decision.IsAllowed ? "allow" : "deny",
            Caller = caller,
            Rule = decision.Rule,
            Reason = decision.Reason,
        };
    }
}
