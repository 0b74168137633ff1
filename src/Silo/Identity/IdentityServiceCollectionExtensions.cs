using Mesh.Grains.Identity;
using Mesh.Silo.Api.Access;
using Mesh.Silo.Hosting;
using Mesh.Silo.Store;

namespace Mesh.Silo.Identity;

internal static class IdentityServiceCollectionExtensions
{
    /// <summary>Adds the certificate authority as it is configured.</summary>
    /// <exception cref="SiloStartException">The configuration is wrong.</exception>
    public static IServiceCollection AddMeshIdentity(this IServiceCollection services, IConfiguration configuration, StoreConnection store)
    {
        var options = Read(configuration);
        var directory = options.Identity.DataProtection.Directory ?? Path.Combine(store.Options.DataDirectory, "keys");
        services.AddSingleton<IIdentityStore>(new RedisIdentityStore(store.Calls, store.Keys));
        var vault = new DataProtectionVault(Path.GetFullPath(directory));
        services.AddSingleton<ISessionProtector>(new SessionVault(vault));
        return services.AddMeshIdentity(options, vault);
    }

    /// <summary>The same over a store that is registered already.</summary>
    public static IServiceCollection AddMeshIdentity(this IServiceCollection services, IdentityOptions options, IKeyVault vault)
    {
        var ca = options.Identity.Ca;
        services.AddSingleton(vault);
        services.AddSingleton(new AuthoritySettings(options.TrustDomain, ca.Certificate, ca.Key, ca.Roots));
        services.AddSingleton<AuthorityKeeper>();
        services.AddSingleton<JoinTokens>();
        services.AddSingleton<CertificateIssuer>();
        services.AddSingleton<IssueLimit>();
        services.AddSingleton<ITokenReviewer>(_ => new KubernetesTokenReviewer(options.Identity.Kubernetes));
        return services;
    }

    private static IdentityOptions Read(IConfiguration configuration)
    {
        IdentityOptions options;
        try
        {
            options = configuration.GetSection(IdentityOptions.Section).Get<IdentityOptions>() ?? new IdentityOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new SiloStartException(exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message, exception);
        }

        var result = new IdentityOptionsValidator().Validate(null, options);
        return result.Failed ? throw new SiloStartException(string.Join(Environment.NewLine + "  ", result.Failures)) : options;
    }
}
