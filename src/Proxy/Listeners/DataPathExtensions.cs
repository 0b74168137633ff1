using System.Diagnostics;
using System.Net.Sockets;
using Mesh.Abstractions.Connections;
using Mesh.Proxy.Access;
using Mesh.Proxy.Access.External;
using Mesh.Proxy.Access.Tokens;
using Mesh.Proxy.Admin;
using Mesh.Proxy.Explain;
using Mesh.Proxy.Filters;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.HealthChecks;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Overrides;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Regions;
using Mesh.Proxy.Resilience;
using Mesh.Proxy.Routing;
using Mesh.Proxy.Services;
using Mesh.Proxy.Tap;
using Mesh.Proxy.Tcp;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Mesh.Proxy.Listeners;

/// <summary>
/// Sets up the data path: listeners, pipelines, admin pages. The host adds what keeps it informed:
/// <see cref="IServiceSource"/> and <see cref="IReadiness"/>.
/// </summary>
internal static class DataPathExtensions
{
    /// <exception cref="ListenerException">An address is not one, or this Kestrel cannot do what the listeners need.</exception>
    public static WebApplicationBuilder AddDataPath(this WebApplicationBuilder builder, DataPathOptions options)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.AddSingleton(options);
        services.AddSingleton(options.Caller ?? new CallerIdentity(null, options.Namespace));
        services.AddSingleton(options.Place);
        services.AddSingleton<RegionState>();
        services.AddSingleton(options.Identity);
        services.AddSingleton<IdentityPage>();
        services.AddSingleton<MeshTls>();
        services.AddSingleton<MeshDialer>();
        services.AddSingleton<PlaintextCallers>();
        services.AddSingleton<InboundGuard>();
        services.AddSingleton<AccessStats>();
        services.AddSingleton<OpenRequests>();
        services.AddSingleton<AccessReport>();
        services.AddSingleton<AccessGuard>();
        services.AddSingleton<TokenVerifier>();
        services.AddSingleton<ExternalAuthorizer>();
        services.AddHostedService<AccessEnforcer>();
        services.AddSingleton<ServiceModelCompiler>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ServiceTable>(provider, options.Namespace));
        services.AddSingleton<UpstreamClient>();
        services.AddSingleton<UpstreamClients>();
        services.AddSingleton<Via>();
        services.AddSingleton<HealthCheckClient>();
        services.AddHostedService<EndpointHealthChecker>();
        services.AddSingleton<TimeoutPool>();
        services.AddSingleton<ActiveRequests>();
        services.AddSingleton<ProxyStats>();
        services.AddSingleton(options.Limits);
        services.AddSingleton<LoadShedder>();
        services.AddSingleton<RateShareRequests>();
        services.AddSingleton<Admission>();
        services.AddSingleton<EndpointPicker>();
        services.AddSingleton<HedgeFactory>();
        services.AddSingleton<RetryLoop>();
        services.AddSingleton<BackendExplainer>();
        services.AddSingleton<Explainer>();
        services.AddSingleton<ExplainHeader>();
        services.AddSingleton<ExplainPage>();
        services.AddSingleton<OverrideStep>();
        services.AddSingleton<MirrorSender>();
        services.AddSingleton<SendingStep>();
        services.AddSingleton<RoutingStep>();
        services.AddSingleton<TunnelHandshake>();
        services.AddSingleton<TunnelDialer>();
        services.AddSingleton<InboundTcpHandshake>();
        services.AddSingleton<ConnectStep>();
        services.AddSingleton<Http1Connect>();
        services.AddSingleton<Http2Connect>();
        services.AddSingleton<TcpForwarder>();
        services.AddSingleton<OutboundPipeline>();
        services.AddSingleton<GatewayPipeline>();
        services.AddSingleton<SnapshotsPage>();
        services.AddSingleton<EndpointsPage>();
        services.AddSingleton<MetricsPage>();
        services.AddSingleton<FailedLogins>();
        services.AddSingleton<AdminGuard>();
        services.AddSingleton(new HeaderRedaction(options.RedactedHeaders));
        services.AddSingleton<TapHub>();
        services.AddSingleton<TapPage>();
        services.AddSingleton<DrainPage>();
        services.AddSingleton<AdminPipeline>();
        services.AddHttpForwarder();

        // Each writes events per request at Information.
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // Creates an activity for every request as soon as it may log anything at all; Kestrel logs what goes wrong.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        var listeners = AddressesOf(options);
        services.AddSingleton<IReadOnlyList<ListenerAddress>>(listeners);
        services.AddSingleton(provider => BoundAddresses.Of(provider.GetRequiredService<IServer>(), listeners));
        services.AddSingleton<DiagnosticSource, RefusalObserver>();
        services.AddSingleton<TakenBackLog>();
        var setup = new ListenerSetup(options, listeners, ProtocolSniffer.Create());

        builder.WebHost.UseSockets(static sockets =>
        {
            // Waiting for data before taking a buffer saves 4 KB per idle connection, for one more system call per request.
            sockets.WaitForDataBeforeAllocatingBuffer = false;

            // Requests go on where their bytes arrived, without a change of thread. Safe because nothing here blocks one.
            sockets.UnsafePreferInlineScheduling = true;
        });
        builder.WebHost.ConfigureKestrel(setup.Configure);
        return builder;
    }

    /// <summary>Lets every listener's requests into its pipeline.</summary>
    public static WebApplication UseDataPath(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<DataPathOptions>();
        var outbound = app.Services.GetRequiredService<OutboundPipeline>();
        var admin = app.Services.GetRequiredService<AdminPipeline>();
        RequestDelegate? inbound = options.IsGateway ? app.Services.GetRequiredService<GatewayPipeline>().InvokeAsync
            : options.App is not null ? ActivatorUtilities.CreateInstance<InboundPipeline>(app.Services, options.App).InvokeAsync
            : null;
        var tap = app.Services.GetRequiredService<TapHub>();
        RequestDelegate calls = outbound.InvokeAsync;
        app.Run(context =>
        {
            var listener = context.Features.GetRequiredFeature<ListenerFeature>();
            listener.Requests.Begin();
            return listener.Kind switch
            {
                ListenerKind.Outbound => tap.IsOn ? tap.ObserveAsync(context, ListenerKind.Outbound, calls) : outbound.InvokeAsync(context),
                ListenerKind.Inbound => tap.IsOn ? tap.ObserveAsync(context, ListenerKind.Inbound, inbound!) : inbound!(context),
                _ => admin.InvokeAsync(context),
            };
        });
        return app;
    }

    /// <summary>Starts the host.</summary>
    /// <exception cref="ListenerException">An address is taken or not allowed.</exception>
    public static async Task StartDataPathAsync(this WebApplication app, CancellationToken cancellationToken = default)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            var listeners = app.Services.GetRequiredService<IReadOnlyList<ListenerAddress>>();
            var failed = listeners.FirstOrDefault(listener => exception.Message.Contains($"://{listener.EndPoint}:", StringComparison.Ordinal));
            throw new ListenerException(failed is null
                ? $"cannot listen on {string.Join(" or ", listeners.Select(static listener => $"{listener.EndPoint} ({listener.Key})"))}: {exception.Message}"
                : $"port {failed.EndPoint.Port} is taken: nothing else may listen on {failed.EndPoint}; choose another port with {failed.Key}", exception);
        }
    }

    private static List<ListenerAddress> AddressesOf(DataPathOptions options)
    {
        var addresses = new List<ListenerAddress> { ListenerAddress.Parse(ListenerKind.Outbound, options.OutboundUrl) };
        if (options.App is not null || options.IsGateway)
        {
            addresses.Add(ListenerAddress.Parse(ListenerKind.Inbound, options.InboundUrl));
        }

        addresses.Add(ListenerAddress.Parse(ListenerKind.Admin, options.AdminUrl));
        addresses.AddRange(options.Tcp.Select(ListenerAddress.Parse));
        return addresses;
    }
}
