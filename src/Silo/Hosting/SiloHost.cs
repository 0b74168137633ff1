using System.Net;
using Mesh.Grains;
using Mesh.Silo.Api;
using Mesh.Silo.Api.Audit;
using Mesh.Silo.Cluster;
using Mesh.Silo.Identity;
using Mesh.Silo.Store;
using Mesh.Silo.Telemetry;

namespace Mesh.Silo.Hosting;

/// <summary>Puts the silo together: store, Orleans, management API.</summary>
internal static partial class SiloHost
{
    /// <summary>Runs until the process is told to stop.</summary>
    /// <exception cref="SiloStartException">The configuration is wrong or a port is taken.</exception>
    /// <exception cref="StoreStartException">The store cannot be used.</exception>
    public static async Task Run(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        ConfigureLogging(builder.Logging);
        var options = ReadOptions(builder.Configuration);
        var storeOptions = StoreOptions.Read(builder.Configuration);
        var address = IPAddress.Parse(options.Silo.Host);
        PortCheck.EnsureFree(address, options.Silo.Port, "Mesh:Silo:Port");
        PortCheck.EnsureFree(address, options.Silo.GatewayPort, "Mesh:Silo:GatewayPort");

        using var startLoggers = LoggerFactory.Create(ConfigureLogging);
        await using var store = await StoreConnection.OpenAsync(storeOptions, startLoggers, TimeProvider.System);

        var identity = RegionIdentity.Open(builder.Configuration, store, startLoggers, TimeProvider.System);
        var doors = await SiloDoors.Open(options, identity, store, startLoggers, TimeProvider.System);

        builder.WebHost.UseUrls(options.Api.Url);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMeshStore(store);
        builder.Services.AddMeshIdentity(identity);
        builder.Services.AddMeshAudit(new AuditSettings($"{options.Silo.Host}:{options.Silo.Port}", options.Api.Audit.MaxEntries));
        builder.AddApiAccess(options.Api, storeOptions.DataDirectory, startLoggers);
        builder.Services.AddMeshApi();
        builder.Services.AddMeshTelemetry();
        builder.UseOrleans(silo => doors.Use(silo)
            .UseMeshClustering(store)
            .UseMeshTimings()
            .ConfigureEndpoints(address, options.Silo.Port, options.Silo.GatewayPort, listenOnAnyHostAddress: false)
            .AddMeshGrains(new MeshRegion(storeOptions.Region)));

        // After Orleans: hosted services start in this order and end in the reverse one, and these call grains.
        builder.Services.AddMeshCluster();

        await using var app = builder.Build();
        app.MapMeshApi();
        app.MapMeshTelemetry(options.Api.Auth.AnonymousMetrics);
        try
        {
            await app.StartAsync();
        }
        catch (IOException exception)
        {
            throw new SiloStartException($"the management API cannot listen on {options.Api.Url} ({exception.Message}). Choose another address with Mesh:Api:Url.", exception);
        }

        LogReady(app.Logger, options.Api.Url, storeOptions.Region);
        await app.WaitForShutdownAsync();
    }

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });

        // Libraries speak up when something is wrong; Orleans' grain services and start-up notes do so before.
        logging.AddFilter(static (category, level) => level >= category switch
        {
            "Mesh.Grains.Push.PushHub" or "Mesh.Grains.Push.PushSender" => LogLevel.Warning,
            "Orleans.Runtime.Silo" or "Orleans.Runtime.Watchdog" => LogLevel.Error,
            _ => category?.StartsWith("Mesh.", StringComparison.Ordinal) == true ? LogLevel.Information : LogLevel.Warning,
        });
    }

    private static SiloOptions ReadOptions(ConfigurationManager configuration)
    {
        SiloOptions options;
        try
        {
            options = configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new SiloStartException(exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message, exception);
        }

        var result = new SiloOptionsValidator().Validate(null, options);
        return result.Failed ? throw new SiloStartException(string.Join(Environment.NewLine + "  ", result.Failures)) : options;
    }

    [LoggerMessage(3001, LogLevel.Information, "The silo of region {Region} is ready; its management API is {Url}")]
    private static partial void LogReady(ILogger logger, string url, string region);
}
