using Mesh.Abstractions.Connections;
using Mesh.Abstractions.Grains;
using Mesh.Proxy.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Serialization;

namespace Mesh.Proxy.ControlPlane;

/// <summary>
/// The connection to the control plane: an Orleans client in a host of its own, because in the main one it would keep
/// the listeners from starting while the control plane is away.
/// </summary>
internal sealed partial class ControlPlaneClient(
    IOptions<ProxyOptions> options,
    GatewayDirectory gateways,
    ICertificateSource certificates,
    ILoggerFactory loggers,
    TimeProvider time,
    ILogger<ControlPlaneClient> logger) : BackgroundService, IControlPlane, IClusterConnectionStatusObserver
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IClusterClient? _client;
    private volatile bool _isConnected;

    public bool IsConnected => _isConnected;

    public bool HasBeenConnected => _client is not null;

    public Task WhenConnected => _isConnected ? Task.CompletedTask : _connected.Task;

    public event Action? Connected;

    public IProxyGatewayGrain Gateway => Client.GetGrain<IProxyGatewayGrain>(options.Value.EffectiveId);

    private IClusterClient Client => _client ?? throw new InvalidOperationException("The control plane has not been reached yet.");

    public IProxyObserver CreateReference(IProxyObserver observer) => Client.CreateObjectReference<IProxyObserver>(observer);

    public void NotifyClusterConnectionLost() => SetConnected(false);

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered) =>
        SetConnected(currentNumberOfGateways > 0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IHost? host = null;
        try
        {
            while (host is null)
            {
                host = await TryConnect(stoppingToken);
                if (host is null)
                {
                    await Task.Delay(RetryDelay, time, stoppingToken);
                }
            }

            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The proxy stops.
        }
        finally
        {
            _isConnected = false;
            _client = null;
            if (host is not null)
            {
                await Stop(host);
            }
        }
    }

    private async Task<IHost?> TryConnect(CancellationToken stoppingToken)
    {
        if (await gateways.Refresh(stoppingToken) is not { } list)
        {
            return null;
        }

        var host = Build(list.ClusterId, list.ServiceId);
        try
        {
            await host.StartAsync(stoppingToken);
            _client = host.Services.GetRequiredService<IClusterClient>();
            SetConnected(true);

            // Most of the heap is garbage of the start by now; given back here, it does not count for the sidecar's life.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return host;
        }
        catch (Exception exception)
        {
            LogConnectFailed(exception.Message);
            await Stop(host);
            stoppingToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private IHost Build(string clusterId, string serviceId)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        builder.UseOrleansClient(client =>
        {
            client.Services.AddSerializer(static serializer => serializer.AddMeshJson());
            client.Services.AddSingleton<IGatewayListProvider>(new GatewayListProvider(gateways, options.Value.EffectiveId));
            client.Services.AddSingleton<IClusterConnectionStatusObserver>(this);
            client.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = clusterId;
                cluster.ServiceId = serviceId;
            });
            client.Configure<ClientConnectionOptions>(connections => connections.ConfigureConnection(connection => connection.Use(UseTls)));
            client.Configure<ClientMessagingOptions>(static messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(3));
            client.Configure<GatewayOptions>(static gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.Configure<ConnectionOptions>(static connection =>
            {
                connection.ConnectionRetryDelay = RetryDelay;
                connection.OpenConnectionTimeout = TimeSpan.FromSeconds(1);
            });
        });
        return builder.Build();
    }

    /// <summary>By TLS if the gateways want it, and then to nobody but a silo.</summary>
    private ConnectionDelegate UseTls(ConnectionDelegate next)
    {
        var tls = new TlsClient(
            new TlsOptions { TrustDomain = options.Value.TrustDomain }, () => gateways.Tls, certificates, new TlsLog(logger, time), time);
        return context => tls.OnConnected(context, next);
    }

    private void SetConnected(bool isConnected)
    {
        if (_isConnected == isConnected || _client is null)
        {
            return;
        }

        _isConnected = isConnected;
        if (isConnected)
        {
            LogConnected();
            _connected.TrySetResult();
            Connected?.Invoke();
        }
        else
        {
            LogLost();
            _connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task Stop(IHost host)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            await host.StopAsync(limit.Token);
        }
        catch (Exception exception)
        {
            LogStopFailed(exception.Message);
        }

        host.Dispose();
    }

    [LoggerMessage(2011, LogLevel.Information, "Connected to the control plane")]
    private partial void LogConnected();

    [LoggerMessage(2012, LogLevel.Warning, "Lost the control plane; forwarding goes on with what is known")]
    private partial void LogLost();

    [LoggerMessage(2013, LogLevel.Debug, "The control plane cannot be reached yet: {Reason}")]
    private partial void LogConnectFailed(string reason);

    [LoggerMessage(2014, LogLevel.Debug, "The connection to the control plane did not close cleanly: {Reason}")]
    private partial void LogStopFailed(string reason);
}
