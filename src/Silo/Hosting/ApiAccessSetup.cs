using Mesh.Abstractions.Access;
using Mesh.Silo.Api.Access;

namespace Mesh.Silo.Hosting;

/// <summary>Turns the configuration into who may use the management API.</summary>
internal static class ApiAccessSetup
{
    /// <exception cref="SiloStartException">A file cannot be used.</exception>
    public static void AddApiAccess(this WebApplicationBuilder builder, SiloOptions.ApiOptions api, string dataDirectory, ILoggerFactory loggers)
    {
        var auth = api.Auth;
        var isRequired = auth.Mode == SiloOptions.AccessMode.Required;
        builder.Services.AddMeshAccess(new ApiAccessSettings(isRequired)
        {
            IsCookieSecure = auth.SecureCookie,
            AllowedHosts = api.AllowedHosts.ToHashSet(StringComparer.OrdinalIgnoreCase),
            Certificates = [.. auth.Certificates.Values.Select(static one => new CertificateGrant(one.Name, new ApiGrant(one.Role, one.Namespaces)))],
        });
        if (isRequired)
        {
            var path = auth.AdminTokenFile ?? Path.Combine(dataDirectory, "admin.token");
            builder.Services.AddSingleton<IBearerAuthenticator>(AdminTokenFile.Open(path, TimeProvider.System, loggers.CreateLogger<AdminTokenFile>()));
            if (auth.Jwt.IsUsed)
            {
                builder.Services.AddSingleton<IBearerAuthenticator>(new JwtAuthenticator(
                    auth.Jwt.Authority, auth.Jwt.MetadataAddress, auth.Jwt.Issuer, auth.Jwt.Audience!, auth.Jwt.RolesClaim, auth.Jwt.NameClaim, TimeProvider.System, loggers.CreateLogger<JwtAuthenticator>()));
            }
        }

        if (api.Tls.Certificate is not null)
        {
            var tls = new ApiTls(api.Tls, TimeProvider.System, loggers.CreateLogger<ApiTls>());
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(tls.Configure);
        }
    }
}
