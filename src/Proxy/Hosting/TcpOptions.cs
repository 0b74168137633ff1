namespace Mesh.Proxy.Hosting;

/// <summary>A port for a service of opaque bytes: section <c>Mesh:Tcp:{n}</c>.</summary>
internal sealed class TcpOptions
{
    /// <value>The service, <c>namespace/name</c>, whose endpoints get the connections.</value>
    public string Service { get; set; } = "";

    /// <value><c>tcp://</c>, an IP address or <c>localhost</c>, and a port; port 0 takes a free one.</value>
    public string Url { get; set; } = "";
}
