using System.Text;
using Mesh.Abstractions.Services;
using Mesh.Proxy.Identity;
using Mesh.Proxy.Tcp;
using Mesh.Proxy.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Proxy.Listeners;

/// <summary>Tells Kestrel where to listen, and what to take there.</summary>
internal sealed class ListenerSetup(DataPathOptions options, IReadOnlyList<ListenerAddress> listeners, ProtocolSniffer sniffer)
{
    /// <summary>How often a listener says that it is called by TLS and has no certificate.</summary>
    private static readonly TimeSpan TlsLogPeriod = TimeSpan.FromMinutes(1);

    public void Configure(KestrelServerOptions kestrel)
    {
        // A line ends with CR LF. Who takes a bare LF for an end, too, sees other headers than who does not.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", isEnabled: true);
        kestrel.AddServerHeader = false;

        // How large, how slow and in what letters a message may be is between the application and the endpoint.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;

        // An application's only connection carries all of its calls; 100, the default, would throttle streams.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;

        // A proxy's clients may name the scheme of the origin, and the host in an absolute URI is the one that counts
        // (RFC 9112, section 3.2.2).
        kestrel.AllowAlternateSchemes = true;
        kestrel.AllowHostHeaderOverride = true;

        foreach (var listener in listeners)
        {
            kestrel.Listen(listener.EndPoint, listen => Configure(listen, listener));
        }
    }

    private void Configure(ListenOptions listen, ListenerAddress listener)
    {
        var services = listen.ApplicationServices;
        if (listener.Kind == ListenerKind.Tcp)
        {
            var forwarder = services.GetRequiredService<TcpForwarder>();
            listen.Run(connection => forwarder.OnConnectionAsync(connection, listener.Service));
            return;
        }

        if (listener.Kind == ListenerKind.Inbound && options.App?.Protocol == ServiceProtocol.Tcp)
        {
            var forwarder = ActivatorUtilities.CreateInstance<InboundTcpForwarder>(services, options.App);
            listen.Run(forwarder.OnConnectionAsync);
            return;
        }

        var time = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<TakenBackLog>();
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Features.Set(new ListenerFeature(listener.Kind, new ConnectionRequests(connection, time, log)));
            return next(connection);
        });
        if (listener.Kind != ListenerKind.Admin)
        {
            ConfigureProtocols(listen, listener);
        }
    }

    private void ConfigureProtocols(ListenOptions listen, ListenerAddress listener)
    {
        var services = listen.ApplicationServices;
        var certificate = listener.Kind == ListenerKind.Outbound ? options.OutboundCertificate : options.InboundCertificate;
        var isMesh = listener.Kind == ListenerKind.Inbound && options.Identity.IsEnabled;
        var hasTls = certificate is not null || isMesh;
        ConnectionDelegate? connect = listener.Kind == ListenerKind.Outbound ? services.GetRequiredService<Http1Connect>().OnConnectionAsync : null;
        var fork = new ConnectionFork(
            listener,
            sniffer,
            connect,
            hasTls ? () => certificate is not null || (isMesh && options.Identity.Current is not null) : null,
            mustTls: certificate is { Callers.HasRoots: true },
            new LogLimit(services.GetRequiredService<TimeProvider>(), TlsLogPeriod),
            services.GetRequiredService<ILogger<ConnectionFork>>());
        listen.Use(fork.Enter);
        if (hasTls)
        {
            // What ALPN offers; a cleartext connection is HTTP/1.1 all the same unless the fork says otherwise.
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            var handshake = new TlsHandshake(
                certificate,
                isMesh ? services.GetRequiredService<MeshTls>() : null,
                new LogLimit(services.GetRequiredService<TimeProvider>(), TlsLogPeriod),
                services.GetRequiredService<ILogger<TlsHandshake>>());
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = handshake.AnswerAsync });
        }

        listen.Use(fork.Join);
    }
}
