using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Identity;

internal static class IdentityServiceCollectionExtensions
{
    /// <summary>Adds the certificate authority as it is configured.</summary>
    public static IServiceCollection AddMeshIdentity(this IServiceCollection services, RegionIdentity identity)
    {
        services.AddSingleton(identity.Store);
        services.AddSingleton<ISessionProtector>(new SessionVault(identity.Vault));
        services.AddSingleton(identity.Authority);
        return services.AddIssuing(identity.Options, identity.Vault);
    }

    /// <summary>The same over a store that is registered already.</summary>
    public static IServiceCollection AddMeshIdentity(this IServiceCollection services, IdentityOptions options, IKeyVault vault)
    {
        services.AddSingleton(RegionIdentity.SettingsOf(options));
        services.AddSingleton<AuthorityKeeper>();
        return services.AddIssuing(options, vault);
    }

    private static IServiceCollection AddIssuing(this IServiceCollection services, IdentityOptions options, IKeyVault vault)
    {
        services.AddSingleton(vault);
        services.AddSingleton<JoinTokens>();
        services.AddSingleton<CertificateIssuer>();
        services.AddSingleton<IssueLimit>();
        services.AddSingleton<ITokenReviewer>(_ => new KubernetesTokenReviewer(options.Identity.Kubernetes));
        return services;
    }
}
