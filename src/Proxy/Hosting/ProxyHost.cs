using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Naming;
using Mesh.Proxy.Admin;
using Mesh.Proxy.Balancing;
using Mesh.Proxy.ControlPlane;
using Mesh.Proxy.Explain;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.HealthChecks;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Registration;
using Mesh.Proxy.Services;
using Mesh.Proxy.Snapshots;
using Microsoft.Extensions.Options;

namespace Mesh.Proxy.Hosting;

/// <summary>Puts the proxy together: configuration, data path, and what keeps it informed.</summary>
internal static partial class ProxyHost
{
    /// <exception cref="ProxyConfigurationException">The configuration is wrong.</exception>
    /// <exception cref="ListenerException">A listener's address is wrong.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        builder.Logging.AddFilter("Orleans", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Orleans", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);

        var options = ReadOptions(builder.Configuration);
        builder.Services.AddSingleton(Options.Create(options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain.Delay + options.Drain.Timeout);
        builder.AddDataPath(new DataPathOptions
        {
            ProxyId = options.EffectiveId,
            Namespace = options.EffectiveNamespace,
            Caller = options.Caller,
            Place = new ProxyPlace(options.Region, options.Zone),
            OutboundUrl = options.Outbound.Url,
            InboundUrl = options.Inbound.Url,
            AdminUrl = options.Admin.Url,
            AdminTokenFile = options.Admin.TokenFile,
            RedactedHeaders = options.Admin.RedactHeaders,
            Limits = options.Limits,
            Service = ServiceName.TryParse(options.App.Service, out var service) ? service : null,
            Identity = new ProxyIdentity(options.Identity.IsEnabled, options.TrustDomain),
            OutboundCertificate = Load("Mesh:Outbound:Certificate", options.Outbound.Certificate),
            InboundCertificate = options.App.Service is null && options.Mode != ProxyMode.Gateway ? null : Load("Mesh:Inbound:Certificate", options.Inbound.Certificate),
            Tcp = [.. options.Tcp.Select(static tcp => new TcpListenerOptions(ServiceName.Parse(tcp.Service), tcp.Url))],
            IsGateway = options.Mode == ProxyMode.Gateway,
            App = options.App.Service is null ? null : new AppOptions(options.App.Host, options.App.Port, options.App.Protocol, options.App.RequirePolicy),
        });
        AddControlPlane(builder.Services);
        if (options.Identity.IsEnabled)
        {
            AddIdentity(builder.Services, options);
        }

        if (EndpointRegistration.Of(options) is { } registration)
        {
            AddRegistration(builder.Services, options, registration);
        }

        var app = builder.Build();
        app.UseDataPath();
        UseSnapshotsOnDisk(app.Services);
        return app;
    }

    /// <summary>Says where the proxy listens, for people and for scripts that let it choose its ports.</summary>
    public static void Announce(WebApplication app)
    {
        var bound = app.Services.GetRequiredService<BoundAddresses>();
        var options = app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value;
        LogListening(app.Logger, options.EffectiveId, bound.Outbound, bound.Inbound?.ToString() ?? "none", bound.Admin);
        foreach (var (tcp, url) in options.Tcp.Zip(bound.Tcp))
        {
            LogTcp(app.Logger, url, tcp.Service);
        }
    }

    private static ProxyOptions ReadOptions(ConfigurationManager configuration)
    {
        ProxyOptions options;
        try
        {
            options = configuration.GetSection(ProxyOptions.Section).Get<ProxyOptions>() ?? new ProxyOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new ProxyConfigurationException(exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message);
        }

        var result = new ProxyOptionsValidator().Validate(null, options);
        return result.Failed ? throw new ProxyConfigurationException(string.Join(Environment.NewLine + "  ", result.Failures)) : options;
    }

    private static ServerCertificate? Load(string section, CertificateOptions certificate) =>
        certificate.Path is null ? null : ServerCertificate.Load(section, certificate.Path, certificate.KeyPath, certificate.Password) with
        {
            Callers = new TlsRules(
                certificate.ClientRoots is { } roots ? ServerCertificate.LoadRoots(section, roots) : null, certificate.ClientNames, certificate.MinVersion),
        };

    private static void AddControlPlane(IServiceCollection services)
    {
        services.AddSingleton<ICertificateSource>(static provider => provider.GetRequiredService<ProxyIdentity>());
        services.AddSingleton<GatewayDirectory>();
        services.AddSingleton<ControlPlaneClient>();
        services.AddSingleton<IControlPlane>(static provider => provider.GetRequiredService<ControlPlaneClient>());
        services.AddSingleton<Subscriptions>();

        // Explaining may subscribe to services, and subscribers are asked to explain.
        services.AddSingleton(static provider => new Lazy<Explainer>(provider.GetRequiredService<Explainer>));
        services.AddSingleton<SnapshotCache>();
        services.AddSingleton<RegionCache>();
        services.AddSingleton<IServiceSource, ServiceSource>();
        services.AddSingleton<IReadiness, Readiness>();

        services.AddHostedService<HeapTrimmer>();
        services.AddHostedService<RateShareLeaser>();
        services.AddHostedService<IdleCleaner>();

        // Stopped in the reverse order: subscriptions leave while there is still a connection.
        services.AddHostedService(static provider => provider.GetRequiredService<SnapshotCache>());
        services.AddHostedService(static provider => provider.GetRequiredService<RegionCache>());
        services.AddHostedService(static provider => provider.GetRequiredService<ControlPlaneClient>());
        services.AddHostedService(static provider => provider.GetRequiredService<Subscriptions>());
    }

    private static void AddIdentity(IServiceCollection services, ProxyOptions options)
    {
        services.AddSingleton(options.Identity);
        if (options.Identity.HasFiles)
        {
            services.AddHostedService<FileIdentity>();
            return;
        }

        var directory = options.Identity.Directory ?? Path.Combine(options.EffectiveDataDirectory, "identity");
        services.AddSingleton<CertificateClient>();
        services.AddHostedService(provider => new IdentityKeeper(
            provider.GetRequiredService<ProxyIdentity>(),
            options.Identity,
            options.Caller.Identity,
            provider.GetRequiredService<CertificateClient>(),
            directory.Length == 0 ? null : new IdentityFile(directory),
            provider.GetRequiredService<Random>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<IdentityKeeper>>()));
    }

    private static void AddRegistration(IServiceCollection services, ProxyOptions options, EndpointRegistration registration)
    {
        services.AddSingleton<IInboundAddress, InboundAddress>();
        services.AddSingleton(registration);
        services.AddSingleton(options.Drain);
        services.AddSingleton(provider => options.Mode == ProxyMode.Gateway
            ? new OwnHealthCheck()
            : ApplicationHealthChecks.Create(options.App, provider.GetRequiredService<HealthCheckClient>()));
        services.AddHostedService<EndpointRegistrar>();
    }

    private static void UseSnapshotsOnDisk(IServiceProvider services)
    {
        var table = services.GetRequiredService<ServiceTable>();
        var cache = services.GetRequiredService<SnapshotCache>();
        var regions = services.GetRequiredService<RegionCache>();
        table.UseRegions(regions.Load());
        table.Regions.Changed += regions.Save;
        foreach (var (encoded, decoded) in cache.Load())
        {
            table.Apply(encoded, isAuthoritative: false, decoded);
        }

        table.Changed += state =>
        {
            if (state.Model is { } model)
            {
                cache.Save(model.Encoded);
            }
        };
    }

    [LoggerMessage(2301, LogLevel.Information, "Proxy {Id} listens: outbound {Outbound}, inbound {Inbound}, admin {Admin}")]
    private static partial void LogListening(ILogger logger, string id, Uri outbound, string inbound, Uri admin);

    [LoggerMessage(2302, LogLevel.Information, "Connections to {Url} go to {Service}")]
    private static partial void LogTcp(ILogger logger, Uri url, string service);
}
