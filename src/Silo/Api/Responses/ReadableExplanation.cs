using Mesh.Abstractions.Access;
using Mesh.Abstractions.Explain;
using Mesh.Abstractions.Naming;
using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Api.Responses;

/// <summary>
/// What of a proxy's explanation somebody may read. A proxy knows every service that its applications call, of any
/// namespace; who asks it sees of those they may not read no more than the name.
/// </summary>
internal static class ReadableExplanation
{
    public static Explanation Of(Explanation whole, ApiPrincipal principal)
    {
        if (whole.Service is { } service && !MayRead(principal, service))
        {
            // Where its rules lead is theirs too, so nothing of the backend is left either.
            return new Explanation { Proxy = whole.Proxy, Service = service, Overrides = whole.Overrides, Hidden = service };
        }

        return whole.Backend is { } backend && !MayRead(principal, backend)
            ? whole with
            {
                Balancer = null,
                IsPanic = null,
                Endpoints = null,
                Endpoint = null,
                Limits = whole.Limits is { } limits ? OfRule(limits) : null,
                Access = null,
                Error = null,
                Hidden = backend,
            }
            : whole;
    }

    /// <summary>The limits that stand in the rule, or come with the request.</summary>
    private static LimitsExplanation OfRule(LimitsExplanation limits) => limits with
    {
        RetryBudget = null,
        Concurrent = null,
        MaxConcurrent = null,
        Pending = null,
        ServiceRateLimit = null,
        ServiceRateLimitPart = null,
    };

    private static bool MayRead(ApiPrincipal principal, ServiceName service) => principal.May(ApiRole.Viewer, service.Namespace);
}
