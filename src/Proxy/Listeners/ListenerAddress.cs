using System.Net;
using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Listeners;

/// <summary>Where to listen, and by which section of the configuration that was said.</summary>
/// <param name="Section">Such as <c>Mesh:Outbound</c>.</param>
internal sealed record ListenerAddress(ListenerKind Kind, string Section, IPEndPoint EndPoint)
{
    /// <summary>The service whose endpoints get the connections; only of <see cref="ListenerKind.Tcp"/>.</summary>
    public ServiceName Service { get; init; }

    public string Key => $"{Section}:Url";

    /// <exception cref="ListenerException"><paramref name="url"/> is not an address to listen on.</exception>
    public static ListenerAddress Parse(ListenerKind kind, string url) => Parse(kind, $"Mesh:{kind}", url, Uri.UriSchemeHttp);

    /// <inheritdoc cref="Parse(ListenerKind, string)"/>
    public static ListenerAddress Parse(TcpListenerOptions options, int index) =>
        Parse(ListenerKind.Tcp, $"Mesh:Tcp:{index}", options.Url, TcpListenerOptions.Scheme) with { Service = options.Service };

    private static ListenerAddress Parse(ListenerKind kind, string section, string url, string scheme)
    {
        if (!AbsoluteUri.TryParse(url, out var uri) || uri.Scheme != scheme || uri.PathAndQuery is not ("/" or "") || uri.Port < 0)
        {
            throw Unusable(section, url, scheme);
        }

        if (uri.Host == "localhost")
        {
            return new ListenerAddress(kind, section, new IPEndPoint(IPAddress.Loopback, uri.Port));
        }

        return IPAddress.TryParse(uri.DnsSafeHost, out var address)
            ? new ListenerAddress(kind, section, new IPEndPoint(address, uri.Port))
            : throw Unusable(section, url, scheme);
    }

    private static ListenerException Unusable(string section, string url, string scheme) => new(
        $"{section}:Url is '{url}', which is not an address to listen on: write {scheme}://, an IP address and a port, such as {scheme}://127.0.0.1:4140");
}
