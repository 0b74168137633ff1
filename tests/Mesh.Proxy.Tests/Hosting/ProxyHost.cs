using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;
using Mesh.Abstractions.Naming;
using Mesh.Abstractions.Services;
using Mesh.Abstractions.Snapshots;
using Mesh.Proxy.Admin;
using Mesh.Proxy.Forwarding;
using Mesh.Proxy.Limits;
using Mesh.Proxy.Listeners;
using Mesh.Proxy.Services;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Endpoint = Mesh.Abstractions.Endpoints.Endpoint;

namespace Mesh.Proxy.Tests.Hosting;

/// <summary>A proxy's data path on free ports, with stubs where the control plane would be.</summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _revision;

    private ProxyHost(WebApplication app, StubServiceSource source, StubReadiness readiness, LogCollector logs)
    {
        Logs = logs;
        _app = app;
        Source = source;
        Readiness = readiness;
        Table = app.Services.GetRequiredService<ServiceTable>();
        Active = app.Services.GetRequiredService<ActiveRequests>();
        Addresses = app.Services.GetRequiredService<BoundAddresses>();
    }

    public StubServiceSource Source { get; }

    public StubReadiness Readiness { get; }

    public LogCollector Logs { get; }

    public ServiceTable Table { get; }

    public ActiveRequests Active { get; }

    public KestrelServerOptions Kestrel => _app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;

    public BoundAddresses Addresses { get; }

    /// <summary>Cancelled when the proxy is told to stop.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <summary>Calls the outbound listener by HTTP/1.1.</summary>
    public HttpClient Http1 { get; } = Client(HttpVersion.Version11);

    /// <summary>Calls the outbound listener by HTTP/2 with prior knowledge.</summary>
    public HttpClient Http2 { get; } = Client(HttpVersion.Version20);

    /// <param name="time">What the proxy takes for the time; the limits of tries and requests are real all the same.</param>
    /// <param name="configure">Changes the data path's options.</param>
    public static async Task<ProxyHost> StartAsync(
        AppOptions? app = null, TimeProvider? time = null, LimitOptions? limits = null, Func<DataPathOptions, DataPathOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Logging.ClearProviders();
        var logs = new LogCollector();
        builder.Logging.AddProvider(logs);
        var options = new DataPathOptions
        {
            Namespace = "shop",
            OutboundUrl = "http://127.0.0.1:0",
            InboundUrl = "http://127.0.0.1:0",
            AdminUrl = "http://127.0.0.1:0",
            App = app,
            Limits = limits ?? new LimitOptions(),
        };
        builder.AddDataPath(configure?.Invoke(options) ?? options);
        var source = new StubServiceSource();
        var readiness = new StubReadiness();
        builder.Services.AddSingleton<IServiceSource>(source);
        builder.Services.AddSingleton<IReadiness>(readiness);
        var host = builder.Build();
        host.UseDataPath();
        await host.StartDataPathAsync();
        return new ProxyHost(host, source, readiness, logs);
    }

    /// <summary>Makes a service known and keeps it live, as if somebody were subscribed to it.</summary>
    public void Serve(string service, ServiceSpec spec, params Endpoint[] endpoints)
    {
        var name = ServiceName.Parse(service);
        Table.Apply(Snapshots.Of(service, Interlocked.Increment(ref _revision), spec, endpoints), isAuthoritative: true);
        Table.GetOrAdd(name).IsLive = true;
    }

    public HttpRequestMessage Request(HttpMethod method, string host, string path, HttpContent? content = null) =>
        new(method, new Uri(Addresses.Outbound, path)) { Headers = { Host = host }, Content = content };

    public Task<HttpResponseMessage> GetAsync(string host, string path = "/", HttpClient? client = null)
    {
        client ??= Http1;
        var request = Request(HttpMethod.Get, host, path);
        request.Version = client.DefaultRequestVersion;
        request.VersionPolicy = client.DefaultVersionPolicy;
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A gRPC channel that means <paramref name="host"/> and goes to the outbound listener.</summary>
    public GrpcChannel Grpc(string host) => GrpcChannel.ForAddress($"http://{host}", new GrpcChannelOptions
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, Addresses.Outbound.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });

    public Task<string> AdminAsync(string path) => Http1.GetStringAsync(new Uri(Addresses.Admin, path));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http1.Dispose();
        Http2.Dispose();
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static HttpClient Client(Version version) => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };
}
