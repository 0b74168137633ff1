using Mesh.Grains.Identity;
using Mesh.Grains.Storage;
using Mesh.Silo.Hosting;
using Mesh.Silo.Store;

namespace Mesh.Silo.Identity;

/// <summary>The region's authority as this silo knows it. Open before there is a host: the silo's own ports need it.</summary>
internal sealed record RegionIdentity(IdentityOptions Options, DataProtectionVault Vault, IIdentityStore Store, AuthorityKeeper Authority)
{
    /// <exception cref="SiloStartException">The configuration is wrong.</exception>
    public static RegionIdentity Open(IConfiguration configuration, StoreConnection store, ILoggerFactory loggers, TimeProvider time)
    {
        var options = Read(configuration);
        var directory = options.Identity.DataProtection.Directory ?? Path.Combine(store.Options.DataDirectory, "keys");
        var vault = new DataProtectionVault(Path.GetFullPath(directory));
        var identities = new RedisIdentityStore(store.Calls, store.Keys, new EntryReader(time, loggers.CreateLogger<EntryReader>()));
        var authority = new AuthorityKeeper(SettingsOf(options), identities, vault, time, loggers.CreateLogger<AuthorityKeeper>());
        return new RegionIdentity(options, vault, identities, authority);
    }

    public static AuthoritySettings SettingsOf(IdentityOptions options) =>
        new(options.TrustDomain, options.Identity.Ca.Certificate, options.Identity.Ca.Key, options.Identity.Ca.Roots);

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
