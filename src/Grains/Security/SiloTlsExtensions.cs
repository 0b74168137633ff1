using Mesh.Abstractions.Connections;
using Mesh.Grains.Security.Gateway;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Mesh.Grains.Security;

public static class SiloTlsExtensions
{
    /// <summary>
    /// Makes the silo's connections mutual TLS: silos alone reach the port for silos, silos and proxies the gateway.
    /// </summary>
    /// <param name="certificates">Of the silo.</param>
    public static ISiloBuilder UseMeshTls(this ISiloBuilder silo, TlsOptions options, ICertificateSource certificates) =>
        silo.Configure<SiloConnectionOptions>(connections =>
        {
            connections.ConfigureSiloInboundConnection(connection => Accept(connection, "silo", static peer => peer.IsSilo));
            connections.ConfigureGatewayInboundConnection(connection => Accept(connection, "gateway", static _ => true));
            connections.ConfigureSiloOutboundConnection(connection =>
            {
                var services = connection.ApplicationServices;
                var client = new TlsClient(options, () => options.Mode, certificates, Observer(services, "silo"), services.GetRequiredService<TimeProvider>());
                connection.Use(next => context => client.OnConnected(context, next));
            });

            void Accept(IConnectionBuilder connection, string port, Func<PeerIdentity, bool> isAdmitted)
            {
                var services = connection.ApplicationServices;
                var server = new TlsServer(options, certificates, isAdmitted, Observer(services, port), services.GetRequiredService<TimeProvider>());
                connection.Use(next => context => server.OnConnected(context, next));
            }
        });

    private static TlsObserver Observer(IServiceProvider services, string port) => new(services.GetRequiredService<Denials>(), port);
}
