using Mesh.Silo.Api.Access;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Api.OpenApi;
using Mesh.Silo.Api.Problems;
using Mesh.Silo.Api.Requests;
using Mesh.Silo.Api.Responses;
using Mesh.Silo.Api.Watching;
using Mesh.Silo.Api.Writes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Mesh.Silo.Api;

internal static class MeshApiExtensions
{
    /// <summary>
    /// Adds the management API. Beside it there have to be a silo with Mesh's grains, an
    /// <see cref="Grains.Storage.IServiceStore"/>, an <see cref="Grains.Storage.IChangeFeed"/>, an
    /// <see cref="IProxyDirectory"/>, an <see cref="IGatewayDirectory"/>, an <see cref="IRegionDirectory"/>, and what
    /// <see cref="Identity.IdentityServiceCollectionExtensions"/>, <see cref="AuditServiceCollectionExtensions"/> and
    /// <see cref="AccessServiceCollectionExtensions"/> add.
    /// </summary>
    public static IServiceCollection AddMeshApi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISiloStatus, OrleansSiloStatus>();
        services.AddSingleton<ControlPlane>();
        services.AddSingleton<SpecReview>();
        services.AddSingleton<ServiceWriter>();
        services.AddSingleton<Applier>();
        services.AddSingleton<ResourceReader>();
        services.AddSingleton(new WatcherLimit(ApiLimits.Watchers));
        services.Configure<KestrelServerOptions>(static options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = ApiLimits.ReadAway;
        });
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        return services.AddMeshOpenApi();
    }

    /// <summary>Maps the management API, its OpenAPI document and a page to browse it.</summary>
    public static WebApplication MapMeshApi(this WebApplication app)
    {
        app.UseMiddleware<AuditMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<BrowserGuard>();
        app.UseMiddleware<AccessMiddleware>();
        var api = app.MapGroup("").AddEndpointFilter<RequestRules>();
        ServiceEndpoints.Map(api.MapGroup("").WithTags("Services"));
        NamespaceEndpoints.Map(api.MapGroup("").WithTags("Namespaces"));
        RouteEndpoints.Map(api.MapGroup("").WithTags("Routes"));
        TrafficEndpoints.Map(api.MapGroup("").WithTags("Traffic"));
        EndpointEndpoints.Map(api.MapGroup("").WithTags("Endpoints"));
        RevisionEndpoints.Map(api.MapGroup("").WithTags("Revisions"));
        var documents = api.MapGroup("").WithTags("Apply and export");
        ApplyEndpoints.Map(documents);
        ExportEndpoints.Map(documents);
        ProxyEndpoints.Map(api.MapGroup("").WithTags("Proxies"));
        ExplainEndpoints.Map(api.MapGroup("").WithTags("Explain"));
        GatewayEndpoints.Map(api.MapGroup("").WithTags("Gateways"));
        RegionEndpoints.Map(api.MapGroup("").WithTags("Regions"));
        IdentityEndpoints.Map(api.MapGroup("").WithTags("Identity"));
        AuditEndpoints.Map(api.MapGroup("").WithTags("Audit"));
        ApiTokenEndpoints.Map(api.MapGroup("").WithTags("Access"));
        SessionEndpoints.Map(api.MapGroup("").WithTags("Access"));
        HealthEndpoints.Map(api.MapGroup("").WithTags("Health"));
        app.MapMeshDocs();
        return app;
    }
}
