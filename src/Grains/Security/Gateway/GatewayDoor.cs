using System.Net;
using Mesh.Abstractions.Connections;
using Mesh.Grains.Push;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Mesh.Grains.Security.Gateway;

/// <summary>
/// Connection middleware of the gateway port, after TLS: the boundary of what a client can do. Everything a client says
/// about itself in a message is its own invention (who sent it, what it answers, where grains are), so it is checked here,
/// where it is still known which connection it came by; grains may then believe the sender of a call.
/// </summary>
internal sealed class GatewayDoor(
    IOptions<GatewayLimits> options, PreambleReader preambles, GatewayTargets targets, GatewayClients clients, GatewaySilos silos, PushSender sender, Denials denials,
    TimeProvider time)
{
    public async Task OnConnected(ConnectionContext context, ConnectionDelegate next)
    {
        var identity = context.Features.Get<ConnectionPeer>()?.Identity;
        using var inspector = new GatewayInspector(
            options.Value, preambles, targets, clients, silos, denials, sender, identity, Describe(context, identity), time);
        var pace = new MessagePace(options.Value.MessagesPerSecond, options.Value.MessageBurst, time);
        await TransportPipes.Run(
            context,
            new TransportPipes(
                new GatewayReader(context.Transport.Input, inspector, pace, options.Value.PreambleTimeout, time),
                new GatewayWriter(context.Transport.Output, inspector)),
            next);
    }

    private static string Describe(ConnectionContext context, PeerIdentity? identity)
    {
        var address = (context.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? context.RemoteEndPoint?.ToString() ?? "unknown";
        return identity is { } known ? $"{address} ({known})" : address;
    }
}
