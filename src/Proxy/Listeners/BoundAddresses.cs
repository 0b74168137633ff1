using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Listeners;

/// <summary>Where the proxy really listens; known once it has started.</summary>
internal sealed record BoundAddresses(Uri Outbound, Uri? Inbound, Uri Admin)
{
    /// <summary>Kestrel reports its addresses in the order its listeners were set up.</summary>
    public static BoundAddresses Of(IServer server, IReadOnlyList<ListenerAddress> listeners)
    {
        var bound = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        var byKind = listeners.Zip(bound).ToDictionary(static pair => pair.First.Kind, static pair => new Uri(pair.Second));
        return new BoundAddresses(
            byKind[ListenerKind.Outbound], byKind.GetValueOrDefault(ListenerKind.Inbound), byKind[ListenerKind.Admin]);
    }
}
