using Mesh.Abstractions.Connections;
using Mesh.Grains.Access;

namespace Mesh.Silo.Api.Access;

internal static class AccessServiceCollectionExtensions
{
    /// <summary>Adds who may use the management API. An <see cref="IApiTokenStore"/> and an <see cref="ISessionProtector"/> have to be registered beside it.</summary>
    public static IServiceCollection AddMeshAccess(this IServiceCollection services, ApiAccessSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<FailedLogins>();
        services.AddSingleton<ApiSessions>();
        services.AddSingleton<ApiAuthenticator>();
        services.AddSingleton<IBearerAuthenticator, ApiTokenAuthenticator>();
        return services;
    }
}
