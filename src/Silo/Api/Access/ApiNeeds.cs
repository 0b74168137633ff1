using Mesh.Abstractions.Access;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Silo.Api.Problems;

namespace Mesh.Silo.Api.Access;

internal static class ApiNeeds
{
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, ApiRole role, ApiScope scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ApiNeed(role, scope));

    public static TBuilder IsOpen<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(ApiNeed.Nothing);

    /// <summary>Who sends the request; whoever gets here may send it.</summary>
    public static ApiPrincipal Principal(this HttpContext context) => context.Features.Get<ApiPrincipal>() ?? ApiPrincipal.Anonymous;

    /// <exception cref="ApiException">They may not: 403.</exception>
    public static void Require(this ApiPrincipal principal, ApiRole role, string space)
    {
        if (!principal.May(role, space))
        {
            throw Lacks(principal, role, $"the namespace {space}");
        }
    }

    /// <summary>
    /// What writing a record needs, by whatever endpoint: those of services write the record of a namespace's settings as well,
    /// and it is an administrator's.
    /// </summary>
    /// <exception cref="ApiException">They may not: 403.</exception>
    public static void RequireWrite(this ApiPrincipal principal, ServiceName service) =>
        principal.Require(NamespaceSettings.IsRecord(service) ? ApiRole.Admin : ApiRole.Editor, service.Namespace);

    /// <exception cref="ApiException">They may not: 403.</exception>
    public static void RequireEverywhere(this ApiPrincipal principal, ApiRole role)
    {
        if (!principal.MayEverywhere(role))
        {
            throw Lacks(principal, role, "all namespaces");
        }
    }

    public static ApiException Lacks(ApiPrincipal principal, ApiRole role, string where) => ApiException.Forbidden(
        $"{principal.Name} lacks the role {role.ToString().ToLowerInvariant()} in {where}, which this needs.");
}
