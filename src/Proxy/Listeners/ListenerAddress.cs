using System.Net;

namespace Mesh.Proxy.Listeners;

/// <summary>Where to listen, and by which configuration key that was said.</summary>
internal sealed record ListenerAddress(ListenerKind Kind, IPEndPoint EndPoint)
{
    public string Key => KeyOf(Kind);

    /// <exception cref="ListenerException"><paramref name="url"/> is not an address to listen on.</exception>
    public static ListenerAddress Parse(ListenerKind kind, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            throw Unusable(kind, url);
        }

        if (uri.Host == "localhost")
        {
            return new ListenerAddress(kind, new IPEndPoint(IPAddress.Loopback, uri.Port));
        }

        return IPAddress.TryParse(uri.DnsSafeHost, out var address)
            ? new ListenerAddress(kind, new IPEndPoint(address, uri.Port))
            : throw Unusable(kind, url);
    }

    private static ListenerException Unusable(ListenerKind kind, string url) => new(
        $"{KeyOf(kind)} is '{url}', which is not an address to listen on: write http://, an IP address and a port, such as http://127.0.0.1:4140");

    private static string KeyOf(ListenerKind kind) => $"Mesh:{kind}:Url";
}
