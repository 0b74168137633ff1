namespace Mesh.Proxy.Hosting;

/// <summary>What happens on SIGTERM and <c>POST /drain</c>.</summary>
internal sealed class DrainOptions
{
    /// <value>How long the proxy goes on taking requests after it has announced that it leaves. Default 3 s, the time in which a peer that missed the push asks by itself.</value>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(3);

    /// <value>How long requests in flight may take after that; default 30 s.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
