using Mesh.Abstractions.Naming;

namespace Mesh.Proxy.Listeners;

/// <summary>A port of its own for a service of opaque bytes.</summary>
/// <param name="Service">Whose endpoints get the connections.</param>
/// <param name="Url"><c>tcp://</c>, an IP address or <c>localhost</c>, and a port; port 0 takes a free one.</param>
internal sealed record TcpListenerOptions(ServiceName Service, string Url)
{
    public const string Scheme = "tcp";
}
