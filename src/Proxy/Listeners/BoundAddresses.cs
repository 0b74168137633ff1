using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Proxy.Listeners;

/// <summary>Where the proxy really listens; known once it has started.</summary>
/// <param name="Tcp">In the order of the configuration.</param>
internal sealed record BoundAddresses(Uri Outbound, Uri? Inbound, Uri Admin, IReadOnlyList<Uri> Tcp)
{
    /// <summary>Kestrel reports its addresses in the order its listeners were set up.</summary>
    public static BoundAddresses Of(IServer server, IReadOnlyList<ListenerAddress> listeners)
    {
        var bound = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        var byKind = listeners.Zip(bound).ToLookup(static pair => pair.First.Kind, static pair => UrlOf(pair.First.Kind, new Uri(pair.Second)));
        return new BoundAddresses(
            byKind[ListenerKind.Outbound].Single(),
            byKind[ListenerKind.Inbound].SingleOrDefault(),
            byKind[ListenerKind.Admin].Single(),
            [.. byKind[ListenerKind.Tcp]]);
    }

    /// <summary>Kestrel says http for what is not HTTP, and https for a port that takes cleartext as well.</summary>
    private static Uri UrlOf(ListenerKind kind, Uri bound) =>
        new($"{(kind == ListenerKind.Tcp ? TcpListenerOptions.Scheme : Uri.UriSchemeHttp)}://{bound.Authority}");
}
